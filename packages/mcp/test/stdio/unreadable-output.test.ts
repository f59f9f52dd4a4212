import { expect, it } from 'vitest'
import { responseId } from '../../src/stdio/unreadable-output.ts'

it.each([
  ['{"jsonrpc":"2.0","id":7,"result":{"content":[{"text":"xxx', '"}]}}', 7],
  ['{"result":{"content":[{"id":1,"text":"xxx', '"}]},"jsonrpc":"2.0","id":"a-7"}', 'a-7'],
  ['{"result":{"content":[{"text":"xxx', '"}]},"id":8,"jsonrpc":"2.0"}', 8],
  ['{"result":{"content":[{"text":"xxx', '"}]},"jsonrpc":"2.0"}', undefined],
  ['{"method":"notifications/message","params":{"data":"', '{\\"id\\":7}"}}', undefined],
])('returns the id of the response: %s ... %s', (head, tail, id) => {
  expect(responseId(head, tail)).toBe(id)
})
