import { createInterface } from 'node:readline'
import { appendFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { rogueServer } from './rogue-tools.ts'

// A server that exits on any request before `initialize`, as those of some languages do.
if (process.env['ROGUE_LOG'] !== undefined) appendFileSync(process.env['ROGUE_LOG'], `start ${process.pid}\n`)
const input = new PassThrough()
let isFirst = true
createInterface({ input: process.stdin }).on('line', (line) => {
  if (isFirst && !line.includes('"initialize"')) process.exit(1)
  isFirst = false
  input.write(`${line}\n`)
})
await rogueServer().connect(new StdioServerTransport(input))
