import { createHmac } from 'node:crypto'
import type { Delivery, UnverifiedDelivery } from '@mcpclient/core/define'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { hubHandshake, readChanges, verifyToken } from '../src/index.ts'

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

  it.each(['', 'meatyhamhock', SECRET, 'ff'.repeat(32), `${'ff'.repeat(32)}zz`])('is not "%s"', async (token) => {
    expect(await asked(query(token))).toBeUndefined()
  })

  it('proves nothing in another request', async () => {
    const token = await verifyToken(SECRET)
    expect(await asked(query(token), 'POST')).toBeUndefined()
    expect(await asked(query(token, 'unsubscribe'))).toBeUndefined()
    expect(await asked(`hub.mode=subscribe&hub.verify_token=${token}`)).toBeUndefined()
  })
})

describe('a delivery', () => {
  const fields = { feed: z.object({ item: z.string() }), likes: z.number() }
  const read = readChanges('page', fields, (change) => ({
    id: String(change.time),
    to: { account: change.account },
    event: change.field,
    data: change.value,
  }))
  const reading = (body: unknown) => {
    const json: Delivery['json'] = (schema) => {
      const result = schema.safeParse(body)
      if (result.success) return result.data
      throw new Error(result.error.issues.map(({ path }) => path.join('.')).join(', '))
    }
    return read({ json } as Delivery)
  }
  const entry = (id: string, ...changes: readonly object[]) => ({ id, time: 2, changes })

  it('has changes in several entries, or messages instead of them', () => {
    const feed = { field: 'feed', value: { item: 'post', verb: 'add' } }
    const body = { object: 'page', entry: [entry('1', feed, { field: 'likes', value: 3 }), { id: '2', messaging: [] }] }
    expect(reading(body)).toEqual([
      { id: '2', to: { account: '1' }, event: 'feed', data: { item: 'post' } },
      { id: '2', to: { account: '1' }, event: 'likes', data: 3 },
    ])
  })

  it.each([
    ['about another object', { object: 'user', entry: [entry('1', { field: 'feed', value: 1 })] }, 'the object user'],
    [
      'with other fields only',
      { object: 'page', entry: [entry('1', { field: 'constructor', value: {} })] },
      'feed and',
    ],
  ])('is ignored if it is one %s', (_what, body, reason) => {
    expect(reading(body)).toEqual({ ignore: expect.stringContaining(reason) })
  })

  it('does not fit the schema if the value of a field does not', () => {
    const body = { object: 'page', entry: [entry('1', { field: 'feed', value: { item: 1 } })] }
    expect(() => reading(body)).toThrow(/^entry\.0\.changes\.0\.value\.item$/)
  })
})
