import { oneCall } from './one-call.ts'

console.log(await oneCall(process.argv[2] ?? ''))
