import { expect, it } from 'vitest'
import { ask } from '../../src/elicitation/ask.ts'
import { recordingLogger } from '../support/recording-logger.ts'

const context = {
  serverId: 'docs',
  tenant: 'ada',
  connection: 'default',
  server: 'raw',
  calls: [],
  signal: new AbortController().signal,
}
const text = `${'a'.repeat(40)}!`

it.each([
  ['is refuted in linear time', '^(a+)+$', 'cancel', 'error'],
  ['is left out and reported if it needs backtracking', '^(?=a)(a+)+$', 'accept', 'warn'],
])('a pattern of a question %s', async (_name, pattern, action, level) => {
  const logger = recordingLogger()
  const requestedSchema = { type: 'object' as const, properties: { name: { type: 'string' as const, pattern } } }
  const elicitor = () => Promise.resolve({ action: 'accept' as const, content: { name: text } })
  const result = await ask(elicitor, { message: 'Which name?', requestedSchema }, context, logger)
  expect(result.action).toBe(action)
  expect(logger.lines.map((line) => line.level)).toEqual([level])
})
