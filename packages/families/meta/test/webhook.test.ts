import { createHmac } from 'node:crypto'
import type { UnverifiedDelivery } from '@mcpclient/core/define'
import { describe, expect, it } from 'vitest'
import { Delivered, hubHandshake, verifyToken } from '../src/index.ts'

const SECRET = 'app_secret_1'
const asked = (query: string, method = 'GET') =>
  hubHandshake.respond({ method, url: `https://app.example/hooks/meta?${query}` } as UnverifiedDelivery, [
    'another secret',
    SECRET,
  ])
const query = (token: string, mode = 'subscribe') => `hub.mode=${mode}&hub.challenge=11&hub.verify_token=${token}`

describe('the verify token', () => {
  it('is derived from the app secret', async () => {
    expect(await verifyToken(SECRET)).toBe(createHmac('sha256', SECRET).update('hub.verify_token').digest('hex'))
  })

  it('is accepted for each active secret', async () => {
    expect(await asked(query(await verifyToken(SECRET)))).toEqual({ text: '11' })
    expect(await asked(query(await verifyToken('another secret')))).toEqual({ text: '11' })
  })

  it('is refused if it is of another secret, in capitals, or cut', async () => {
    const token = await verifyToken(SECRET)
    expect(await asked(query(await verifyToken('third')))).toBeUndefined()
    expect(await asked(query(token.toUpperCase()))).toBeUndefined()
    expect(await asked(query(token.slice(2)))).toBeUndefined()
  })

  it('proves nothing in another request', async () => {
    const token = await verifyToken(SECRET)
    expect(await asked(query(token), 'POST')).toBeUndefined()
    expect(await asked(query(token, 'unsubscribe'))).toBeUndefined()
    expect(await asked(`hub.mode=subscribe&hub.verify_token=${token}`)).toBeUndefined()
  })
})

describe('a delivery', () => {
  it('has changes, or messages instead of them', () => {
    const entry = [
      { id: '1', time: 2, changes: [{ field: 'feed', value: { item: 'post' } }] },
      { id: '2', messaging: [] },
    ]
    expect(Delivered.parse({ object: 'page', entry }).entry.map(({ changes }) => changes.length)).toEqual([1, 0])
  })
})
