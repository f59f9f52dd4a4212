import { severalProcesses } from './several-processes.ts'

await severalProcesses('sqlite', 'one SQLite file')
