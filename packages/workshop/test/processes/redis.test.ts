import { severalProcesses } from './several-processes.ts'

await severalProcesses('redis', 'one Redis')
