import { memoryStore } from '@mcpclient/core'
import { expect, it } from 'vitest'
import { slowStore } from '@mcpclient/testing'
import { storeContract } from '@mcpclient/testing/contract'

storeContract(() => slowStore(memoryStore()), { name: 'a slow memory store' })

it('has not written when a caller continues without waiting', async () => {
  const inner = memoryStore()
  const writing = slowStore(inner).put('a', 'one')
  await Promise.resolve()
  expect(await inner.get('a')).toBeUndefined()
  await writing
  expect(await inner.get('a')).toMatchObject({ value: 'one' })
})
