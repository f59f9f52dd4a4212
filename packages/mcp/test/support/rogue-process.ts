import { appendFileSync } from 'node:fs'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { rogueServer } from './rogue-tools.ts'

// A program of its own. It records what it did in a file, which the test reads even after a crash.
const { ROGUE_LOG, ROGUE_IGNORES_EOF, ROGUE_IGNORES_TERM, ROGUE_DIES_AT_START } = process.env
const note = (line: string) => {
  if (ROGUE_LOG !== undefined) appendFileSync(ROGUE_LOG, `${line}\n`)
}

note(`start ${process.pid}`)
if (ROGUE_DIES_AT_START !== undefined) {
  process.stderr.write('No configuration found.\n')
  process.exit(3)
}
// Some servers end only when they are killed.
if (ROGUE_IGNORES_EOF !== undefined) setInterval(() => undefined, 60_000)
if (ROGUE_IGNORES_TERM !== undefined) process.on('SIGTERM', () => undefined)
process.stdout.write('Programs print what is no message to their output.\n')
await rogueServer({ onCall: (tool) => note(`call ${tool}`) }).connect(new StdioServerTransport())
