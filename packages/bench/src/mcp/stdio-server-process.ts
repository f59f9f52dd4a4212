import { createInterface } from 'node:readline'
import { answerMessage } from './answer-message.ts'

// An MCP server that is a program: a line in, a line out, until its input ends.
for await (const line of createInterface({ input: process.stdin })) {
  const answer = answerMessage(JSON.parse(line) as Parameters<typeof answerMessage>[0])
  if (answer !== undefined) process.stdout.write(`${JSON.stringify(answer)}\n`)
}
