import { oneCall } from './one-call.ts'
import { oneConnection } from './one-connection.ts'

const url = process.argv[2] ?? ''
console.log(`${await oneCall(url)} ${await oneConnection(url)}`)
