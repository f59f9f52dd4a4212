import { expect, it } from 'vitest'
import { nearestNames } from '../../src/errors/nearest-names.ts'

const names = ['list_channels', 'get_user', 'send_message', 'delete_message', 'search_messages']

it.each([
  ['send_mesage', 'send_message'],
  ['sendMessage', 'send_message'],
  ['SEND-MESSAGE', 'send_message'],
  ['channels', 'list_channels'],
  ['user_get', 'get_user'],
  ['message_search', 'search_messages'],
])('ranks the names nearest to %s: %s', (wanted, likest) => {
  expect(nearestNames(wanted, names)[0]).toBe(likest)
})

it('returns at most eight names for any input', () => {
  const many = Array.from({ length: 20 }, (_, index) => `tool_${index}`)
  expect(nearestNames('tool_19', many)).toHaveLength(8)
  expect(nearestNames('tool_19', many)[0]).toBe('tool_19')
  expect(nearestNames('', names)).toEqual(names)
  expect(nearestNames('x', [])).toEqual([])
})
