import { createInterface } from 'node:readline'
import { respondToMessage } from './respond-to-message.ts'

// An MCP server that is a program: a line in, a line out, until its input ends.
for await (const line of createInterface({ input: process.stdin })) {
  const response = respondToMessage(JSON.parse(line) as Parameters<typeof respondToMessage>[0])
  if (response !== undefined) process.stdout.write(`${JSON.stringify(response)}\n`)
}
