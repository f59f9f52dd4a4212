import { ConnectorError } from '@mcpclient/core'
import { errorOf } from '@mcpclient/testing'
import { expect, test } from 'vitest'

test('the error of what failed as it should', async () => {
  const error = new ConnectorError('TIMEOUT', 'Too slow.')
  expect(await errorOf(Promise.reject(error))).toBe(error)
})

test.each([
  ['what did not fail', () => Promise.resolve('fine'), 'did not fail'],
  ['what failed with nothing', () => Promise.reject(), 'not with a ConnectorError'],
  ['what failed otherwise', () => Promise.reject(new Error('other')), 'not with a ConnectorError'],
])('%s fails the test', async (_, work, message) => {
  await expect(errorOf(work())).rejects.toThrow(message)
})
