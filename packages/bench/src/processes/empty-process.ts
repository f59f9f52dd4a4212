import { serveRequests } from './serve-requests.ts'
import { idleCpu } from './idle-cpu.ts'

// Loads nothing of what is measured.
serveRequests({ idleCpu })
