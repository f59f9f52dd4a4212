import { ConnectorError } from '@mcpclient/core'
import { errorOf } from '@mcpclient/testing'
import { expect, it } from 'vitest'

it('returns the error of work that failed as expected', async () => {
  const error = new ConnectorError('TIMEOUT', 'Too slow.')
  expect(await errorOf(Promise.reject(error))).toBe(error)
})

it.each([
  ['what did not fail', () => Promise.resolve('fine'), 'did not fail'],
  ['what failed with nothing', () => Promise.reject(), 'not with a ConnectorError'],
  ['what failed otherwise', () => Promise.reject(new Error('other')), 'not with a ConnectorError'],
])('%s fails the test', async (_, work, message) => {
  await expect(errorOf(work())).rejects.toThrow(message)
})
