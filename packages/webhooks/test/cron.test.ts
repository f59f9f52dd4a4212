import { createMcpClient, memoryStore } from '@mcpclient/core'
import { jobs } from '@mcpclient/core/jobs'
import { createFakeClock, errorOf } from '@mcpclient/testing'
import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { cronHandler } from '../src/cron.ts'
import type { CronHandlerOptions } from '../src/cron.ts'
import { googlePush, qstash, standardWebhooks } from '../src/schemes.ts'
import { signedRequest } from '../src/testing.ts'

const ADDRESS = 'https://app.example/api/cron'
const SECRET = 'a-secret-of-the-scheduler'

function set(options: Partial<CronHandlerOptions> = {}) {
  const runs: unknown[] = []
  const runDue = (limits: unknown) => {
    runs.push(limits)
    return Promise.resolve({ succeeded: 2, failed: 1 })
  }
  return { runs, handle: cronHandler({ runDue }, { secret: SECRET, ...options }) }
}

const call = (authorization?: string, init: RequestInit = {}) =>
  new Request(ADDRESS, { method: 'POST', ...init, ...(authorization !== undefined && { headers: { authorization } }) })

describe('a cron route', () => {
  it('runs what is due and responds with the counts', async () => {
    const { runs, handle } = set({ withinMs: 20_000 })
    const response = await handle(call(`Bearer ${SECRET}`))
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ succeeded: 2, failed: 1 })
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(runs).toEqual([{ withinMs: 20_000 }])
  })

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    `Bearer ${SECRET}x`,
    `Bearer ${SECRET.slice(1)}`,
    `bearer ${SECRET}`,
    `Basic ${SECRET}`,
    SECRET,
    `Bearer ${SECRET}, Bearer ${SECRET}`,
    `Bearer ${'x'.repeat(100_000)}`,
    'Bearer undefined',
  ])('runs nothing for the authorization %s', async (authorization) => {
    const { runs, handle } = set()
    const response = await handle(call(authorization))
    expect([response.status, await response.text(), runs]).toEqual([401, '', []])
  })

  it('does not take the secret from the query', async () => {
    const { runs, handle } = set()
    const response = await handle(
      new Request(`${ADDRESS}?secret=${SECRET}&authorization=Bearer+${SECRET}`, { method: 'POST' }),
    )
    expect([response.status, runs]).toEqual([401, []])
  })

  it('accepts each of several secrets, and no retired one', async () => {
    const { runs, handle } = set({ secret: ['the-new-secret-here', SECRET] })
    for (const secret of ['the-new-secret-here', SECRET])
      expect((await handle(call(`Bearer ${secret}`))).status).toBe(200)
    expect((await handle(call('Bearer the-old-secret-here'))).status).toBe(401)
    expect(runs).toHaveLength(2)
  })

  it.each([undefined, '', ' ', [], [''], [SECRET, ''], `${SECRET}\n`])(
    'cannot be created with the secret %j',
    (secret) => {
      expect(() => set({ secret })).toThrow(expect.objectContaining({ code: 'CONFIGURATION_ERROR' }))
    },
  )

  it.each([0, -1, Number.NaN, Infinity])('cannot be created with withinMs %d', (withinMs) => {
    expect(() => set({ withinMs })).toThrow('The withinMs of cronHandler() is not positive.')
  })

  it('runs nothing for other methods than those of the host', async () => {
    const { runs, handle } = set()
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
      const response = await handle(call(`Bearer ${SECRET}`, { method }))
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
    }
    expect(runs).toEqual([])
    const vercel = set({ methods: ['GET'] })
    expect((await vercel.handle(call(`Bearer ${SECRET}`, { method: 'GET' }))).status).toBe(200)
    expect((await vercel.handle(call(undefined, { method: 'GET' }))).status).toBe(401)
    expect((await vercel.handle(call(`Bearer ${SECRET}`))).status).toBe(405)
  })

  it('returns no text of an error, and passes the error to the host', async () => {
    const errors: unknown[] = []
    const broken = { runDue: () => Promise.reject(new Error('postgres://user:password@db')) }
    const handle = cronHandler(broken, { secret: SECRET, onError: (error) => errors.push(error) })
    const response = await handle(call(`Bearer ${SECRET}`))
    expect([response.status, await response.text()]).toEqual([500, ''])
    expect(errors).toEqual([new Error('postgres://user:password@db')])
  })

  it('refuses a large body before it is verified', async () => {
    const { runs, handle } = set({ scheme: standardWebhooks(), secret: `whsec_${btoa('x'.repeat(32))}` })
    const response = await handle(call(undefined, { body: 'x'.repeat(70_000) }))
    expect([response.status, runs]).toEqual([413, []])
  })

  it('stops a job that runs longer than the route may', async () => {
    const clock = createFakeClock()
    const work = jobs()
    const ends: unknown[] = []
    const slow = async ({ signal }: { readonly signal: AbortSignal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      ends.push(signal.reason)
      return undefined
    }
    createMcpClient({
      connectors: {},
      clock,
      state: memoryStore({ clock }),
      capabilities: [work, { name: 'test', bind: (client) => client.jobs.handle('test', slow) }],
    })
    await work.jobs.schedule('test', 'a', { at: 0 })
    const responding = cronHandler(work, { secret: SECRET, withinMs: 10_000 })(call(`Bearer ${SECRET}`))
    await clock.advance(9_000)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(ends).toEqual([])
    await clock.advance(10_000)
    expect(await (await responding).json()).toEqual({ succeeded: 1, failed: 0 })
    expect(ends).toHaveLength(1)
  })

  it('fails with 500 if no client composes the runner', async () => {
    const errors: unknown[] = []
    const handle = cronHandler(jobs(), { secret: SECRET, onError: (error) => errors.push(error) })
    expect((await handle(call(`Bearer ${SECRET}`))).status).toBe(500)
    expect(await errorOf(Promise.reject(errors[0]))).toMatchObject({ code: 'CONFIGURATION_ERROR' })
  })
})

describe('a cron route with signed requests', () => {
  it('accepts Standard Webhooks once, and not with another body or key', async () => {
    const secret = `whsec_${btoa('y'.repeat(32))}`
    const { runs, handle } = set({ scheme: standardWebhooks(), secret, address: ADDRESS })
    const signed = await signedRequest({ scheme: 'standardWebhooks', secret, url: ADDRESS, body: { job: 1 } })
    const headers = signed.headers
    expect((await handle(signed)).status).toBe(200)
    expect((await handle(new Request(ADDRESS, { method: 'POST', headers, body: '{"job":2}' }))).status).toBe(401)
    const other = await signedRequest({
      scheme: 'standardWebhooks',
      secret: `whsec_${btoa('z'.repeat(32))}`,
      url: ADDRESS,
    })
    expect((await handle(other)).status).toBe(401)
    expect(runs).toHaveLength(1)
  })

  it('needs an e-mail address as the secret of an OIDC token', () => {
    expect(() => set({ scheme: googlePush() })).toThrow('e-mail address of a service account')
  })

  describe('of QStash', () => {
    const [current, next] = ['sig_current_key_of_this_app', 'sig_next_key_of_this_app']
    const digest = async (body: string) =>
      btoa(
        String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body)))),
      )
        .replaceAll('+', '-')
        .replaceAll('/', '_')

    interface Signing {
      readonly key?: string
      readonly alg?: string
      readonly body?: string
      readonly sent?: string
      readonly url?: string
    }

    async function signed(claims: object = {}, options: Signing = {}) {
      const { key = current, alg = 'HS256', body = '{}', url = ADDRESS } = options
      const { sent = body } = options
      const now = Math.floor(Date.now() / 1000)
      const token = await new SignJWT({
        iss: 'Upstash',
        sub: url,
        iat: now,
        nbf: now,
        exp: now + 300,
        jti: 'jwt_1',
        body: await digest(body),
        ...claims,
      })
        .setProtectedHeader({ alg, typ: 'JWT' })
        .sign(new TextEncoder().encode(key.padEnd(64, alg === 'HS256' ? '' : 'x')))
      return new Request(ADDRESS, { method: 'POST', headers: { 'upstash-signature': token }, body: sent })
    }

    const open = () => set({ scheme: qstash(), secret: [current, next], address: ADDRESS })

    it('are accepted with the current and the next key', async () => {
      const { runs, handle } = open()
      for (const key of [current, next]) expect((await handle(await signed({}, { key }))).status).toBe(200)
      expect((await handle(await signed({}, { body: '' }))).status).toBe(200)
      expect(runs).toHaveLength(3)
    })

    it.each([
      ['another key', {}, { key: 'sig_key_of_someone_else_here' }],
      ['another body', {}, { sent: '{"all":true}' }],
      ['another address', {}, { url: 'https://other.example/api/cron' }],
      ['another issuer', { iss: 'Elsewhere' }, {}],
      ['an expired token', { exp: 1_700_000_000 }, {}],
      ['a token for later', { nbf: 9_999_999_999 }, {}],
      ['a token without an end', { exp: undefined }, {}],
      ['a token without a digest', { body: undefined }, {}],
      ['another algorithm', {}, { alg: 'HS512' }],
    ])('are refused with %s', async (_, claims, options) => {
      const { runs, handle } = open()
      expect((await handle(await signed(claims, options))).status).toBe(401)
      expect(runs).toEqual([])
    })

    it.each(['', 'x', 'a.b', 'a.b.c', '..', `${btoa('{"alg":"none"}')}.e30.`, 'x'.repeat(10_000)])(
      'are refused with the token %s',
      async (token) => {
        const { runs, handle } = open()
        const request = new Request(ADDRESS, { method: 'POST', headers: { 'upstash-signature': token } })
        expect((await handle(request)).status).toBe(401)
        expect(runs).toEqual([])
      },
    )
  })
})
