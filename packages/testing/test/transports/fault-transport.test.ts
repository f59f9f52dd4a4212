import { describe, expect, it } from 'vitest'
import { TransportError } from '@mcpclient/core'
import type { TransportRequest } from '@mcpclient/core'
import { createFakeClock, faultTransport, scriptedTransport } from '@mcpclient/testing'
import type { FaultKind } from '@mcpclient/testing'

const request: TransportRequest = {
  method: 'POST',
  url: 'https://api.example.com/orders',
  headers: {},
  body: '{"n":1}',
}
const provider = () => scriptedTransport(() => ({ json: { id: 'order_1', lines: [1, 2, 3] } }))

describe('each fault', () => {
  it('refused: the provider does not receive the request, and the error says so', async () => {
    const inner = provider()
    const error = await faultTransport(inner, { plan: ['refused'] })
      .send(request)
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(TransportError)
    expect(error).toMatchObject({ sent: false })
    expect(inner.requests).toHaveLength(0)
  })

  it('reset: the provider does its work, and the response is lost', async () => {
    const inner = provider()
    const error = await faultTransport(inner, { plan: ['reset'] })
      .send(request)
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(TransportError)
    expect(error).toMatchObject({ sent: true })
    expect(inner.requests).toHaveLength(1)
  })

  it('delayed: the request is sent after the delay', async () => {
    const clock = createFakeClock()
    const inner = provider()
    const sending = faultTransport(inner, { plan: [{ kind: 'delayed', ms: 300 }], clock }).send(request)
    await clock.advance(299)
    expect(inner.requests).toHaveLength(0)
    await clock.advance(1)
    expect((await sending).status).toBe(200)
  })

  it.each<[FaultKind, number, string | null]>([
    ['throttled', 429, '1'],
    ['server_error', 500, null],
    ['unavailable', 503, null],
    ['html', 502, null],
  ])('%s: a response with status %i is returned without asking the provider', async (kind, status, retryAfter) => {
    const inner = provider()
    const response = await faultTransport(inner, { plan: [kind] }).send(request)
    expect([response.status, response.headers.get('retry-after')]).toEqual([status, retryAfter])
    expect(inner.requests).toHaveLength(0)
  })

  it('a response has the status and the headers of the plan', async () => {
    const headers = { 'X-RateLimit-Reset': '60' }
    const transport = faultTransport(provider(), { plan: [{ kind: 'throttled', status: 403, headers }] })
    const response = await transport.send(request)
    expect([response.status, response.headers.get('x-ratelimit-reset')]).toEqual([403, '60'])
    expect(response.headers.get('retry-after')).toBeNull()
  })

  it('a server error may strike after the provider did its work', async () => {
    const inner = provider()
    const response = await faultTransport(inner, { plan: [{ kind: 'server_error', reached: true }] }).send(request)
    expect(response.status).toBe(500)
    expect(inner.requests).toHaveLength(1)
  })

  it('html: a page is returned instead of JSON', async () => {
    const response = await faultTransport(provider(), { plan: [{ kind: 'html', status: 200 }] }).send(request)
    expect(response.headers.get('content-type')).toBe('text/html')
    expect(await response.text()).toMatch(/^<!doctype html>/)
  })

  it('truncated: half of the JSON is returned with the original status and headers', async () => {
    const response = await faultTransport(provider(), { plan: ['truncated'] }).send(request)
    expect(response.headers.get('content-type')).toContain('application/json')
    const text = await response.text()
    const whole = JSON.stringify({ id: 'order_1', lines: [1, 2, 3] })
    expect(text).toBe(whole.slice(0, Math.floor(whole.length / 2)))
    expect(() => JSON.parse(text)).toThrow(SyntaxError)
  })

  it('slow: the body arrives whole, in four parts', async () => {
    const clock = createFakeClock()
    const response = await faultTransport(provider(), { plan: [{ kind: 'slow', ms: 50 }], clock }).send(request)
    const reading = response.text()
    await clock.advance(199)
    expect(clock.pending).toBe(1)
    await clock.advance(1)
    expect(JSON.parse(await reading)).toEqual({ id: 'order_1', lines: [1, 2, 3] })
  })

  it('slow: the body fails when the request is aborted', async () => {
    const clock = createFakeClock()
    const controller = new AbortController()
    const transport = faultTransport(provider(), { plan: ['slow'], clock })
    const response = await transport.send({ ...request, signal: controller.signal })
    const reading = response.text()
    controller.abort(new Error('time is up'))
    await expect(reading).rejects.toThrow('time is up')
    expect(clock.pending).toBe(0)
  })

  it('hang: no response arrives until the request is aborted', async () => {
    const controller = new AbortController()
    const inner = provider()
    const sending = faultTransport(inner, { plan: ['hang'] }).send({ ...request, signal: controller.signal })
    controller.abort(new Error('time is up'))
    await expect(sending).rejects.toThrow('time is up')
    expect(inner.requests).toHaveLength(0)
  })

  it('requests after the end of the plan pass', async () => {
    const transport = faultTransport(provider(), { plan: ['pass', 'unavailable'] })
    const statuses = [await transport.send(request), await transport.send(request), await transport.send(request)]
    expect(statuses.map((response) => response.status)).toEqual([200, 503, 200])
  })
})

describe('chance', () => {
  const rates = { refused: 0.1, reset: 0.1, throttled: { rate: 0.2, headers: { 'retry-after': '9' } }, html: 0.1 }
  const faultsOf = async (seed: number | string): Promise<readonly FaultKind[]> => {
    const transport = faultTransport(provider(), { seed, rates })
    for (let index = 0; index < 2000; index++) await transport.send(request).catch(() => {})
    return transport.requests.map((seen) => seen.fault)
  }

  it('the same seed causes the same faults, another one different faults', async () => {
    const first = await faultsOf(1)
    expect(await faultsOf(1)).toEqual(first)
    expect(await faultsOf(2)).not.toEqual(first)
  })

  it('each kind strikes at its rate', async () => {
    const faults = await faultsOf('rates')
    const share = (kind: FaultKind): number => faults.filter((fault) => fault === kind).length / faults.length
    // Four standard deviations of a share of 2000 draws.
    const near = (kind: FaultKind, rate: number): void => {
      expect(Math.abs(share(kind) - rate)).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / faults.length))
    }
    near('refused', 0.1)
    near('reset', 0.1)
    near('throttled', 0.2)
    near('html', 0.1)
    near('pass', 0.5)
  })

  it('a rate of 1 strikes always, with its own shape', async () => {
    const transport = faultTransport(provider(), { seed: 3, rates: { throttled: { ...rates.throttled, rate: 1 } } })
    for (let index = 0; index < 20; index++) {
      expect((await transport.send(request)).headers.get('retry-after')).toBe('9')
    }
  })

  it('the seed is readable, for the message of a failure', () => {
    expect(faultTransport(provider(), { seed: 'nightly 7', rates }).seed).toBe('nightly 7')
  })

  it('an invalid rate is rejected', () => {
    expect(() => faultTransport(provider(), { rates: { reset: 1.5 } })).toThrow('"reset" is 1.5')
    expect(() => faultTransport(provider(), { rates: { reset: 0.6, html: 0.6 } })).toThrow('add up to 1.2')
    // @ts-expect-error there is no such fault
    expect(() => faultTransport(provider(), { rates: { lightning: 0.1 } })).toThrow('no fault "lightning"')
    // @ts-expect-error there is no such fault
    expect(() => faultTransport(provider(), { plan: ['lightning'] })).toThrow('no fault "lightning"')
    const tenths: Partial<Record<FaultKind, number>> = {}
    for (const kind of ['refused', 'reset', 'throttled', 'html', 'truncated', 'hang'] as const) tenths[kind] = 0.1
    expect(() =>
      faultTransport(provider(), { rates: { ...tenths, server_error: 0.3, unavailable: 0.1 } }),
    ).not.toThrow()
  })

  it('a fault that takes time is rejected without a clock', () => {
    expect(() => faultTransport(provider(), { plan: ['slow'] })).toThrow('"slow" needs a clock')
    expect(() => faultTransport(provider(), { rates: { delayed: 0.1 } })).toThrow('"delayed" needs a clock')
  })
})

describe('the log of faults', () => {
  it('contains no secret', async () => {
    const secret = 'canary-5f4dcc3b5aa765d61d83'
    const transport = faultTransport(provider(), { plan: ['pass', 'server_error'] })
    await transport.send({
      method: 'POST',
      url: `https://ada:${secret}@api.example.com/token?access_token=${secret}&channel=C0`,
      headers: {
        Authorization: `Bearer ${secret}`,
        'X-Api-Key': secret,
        Cookie: `sid=${secret}`,
        Accept: 'text/plain',
      },
      body: JSON.stringify({ client_secret: secret, nested: { refreshToken: secret }, text: 'Hi' }),
    })
    await transport.send({
      method: 'POST',
      url: 'https://api.example.com/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `grant_type=refresh_token&refresh_token=${secret}`,
    })
    expect(JSON.stringify(transport.requests)).not.toContain(secret)
    expect(transport.requests).toMatchObject([
      {
        url: 'https://[redacted]@api.example.com/token?access_token=[redacted]&channel=C0',
        headers: { authorization: '[redacted]', 'x-api-key': '[redacted]', cookie: '[redacted]', accept: 'text/plain' },
        body: { client_secret: '[redacted]', nested: { refreshToken: '[redacted]' }, text: 'Hi' },
        fault: 'pass',
        reached: true,
      },
      { body: { grant_type: 'refresh_token', refresh_token: '[redacted]' }, fault: 'server_error', reached: false },
    ])
  })
})

it('closing and prewarming reach the inner transport', async () => {
  const called: string[] = []
  const inner = {
    ...provider(),
    async prewarm() {
      called.push('prewarm')
    },
    async close() {
      called.push('close')
    },
  }
  const transport = faultTransport(inner, { plan: [] })
  await transport.prewarm?.()
  await transport.close?.()
  expect(called).toEqual(['prewarm', 'close'])
})
