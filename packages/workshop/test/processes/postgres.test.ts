import { severalProcesses } from './several-processes.ts'

await severalProcesses('postgres', 'one PostgreSQL')
