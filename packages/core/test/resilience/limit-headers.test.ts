import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readLimitHeaders, retryAfterMs } from '../../src/resilience/limit-headers.ts'
import type { LimitDialect } from '../../src/resilience/limit-headers.ts'

const nowMs = Date.UTC(2026, 10, 21, 12)
const epochSeconds = nowMs / 1000

const read = (headers: Record<string, string>, options: { status?: number; dialect?: LimitDialect } = {}) =>
  readLimitHeaders(new Headers(headers), { status: 429, nowMs, ...options })

describe('Retry-After', () => {
  it.each([
    ['seconds', '120', 120_000],
    ['a fraction', '1.5', 1500],
    ['at once', '0', 0],
    ['a date of today', 'Sat, 21 Nov 2026 12:00:30 GMT', 30_000],
    ['a date as RFC 850 wrote it', 'Saturday, 21-Nov-26 12:00:30 GMT', 30_000],
    ['a date as asctime writes it', 'Sat Nov 21 12:00:30 2026', 30_000],
    ['ISO 8601, against the rules', '2026-11-21T12:00:30Z', 30_000],
    ['sent twice', '5, 10', 10_000],
    ['more digits than a number has', '9'.repeat(400), 31_536_000_000],
    ['a date far away', 'Fri, 31 Dec 9999 23:59:59 GMT', 31_536_000_000],
    ['a date sent twice', 'Sat, 21 Nov 2026 12:00:30 GMT, Sat, 21 Nov 2026 12:00:40 GMT', 40_000],
  ])('%s', (_, value, expected) => {
    expect(read({ 'retry-after': value }).retryAfterMs).toBe(expected)
  })

  it('reads an HTTP-date', () => {
    expect(read({ 'retry-after': 'Sat, 21 Nov 2026 13:00:00 GMT' }).retryAfterMs).toBe(3_600_000)
  })

  it('compares a date with the clock of the server, whatever ours says', () => {
    const headers = new Headers({
      date: 'Sat, 21 Nov 2026 12:00:00 GMT',
      'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT',
    })
    for (const skewMs of [-3_600_000, 0, 3_600_000]) {
      expect(readLimitHeaders(headers, { status: 503, nowMs: nowMs + skewMs }).retryAfterMs).toBe(30_000)
    }
  })

  it('uses the local clock if Date is unreadable', () => {
    expect(read({ date: 'yesterday', 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT' }).retryAfterMs).toBe(30_000)
  })

  it('prefers the header in milliseconds if it is valid', () => {
    expect(read({ 'retry-after-ms': '1250', 'retry-after': '2' }).retryAfterMs).toBe(1250)
    expect(read({ 'retry-after-ms': 'soon', 'retry-after': '2' }).retryAfterMs).toBe(2000)
  })

  it.each(['-5', '+7', '1e9', '0x10', 'NaN', '', 'soon', 'Sat, 21 Nov 2026 11:00:00 GMT'])('ignores %j', (value) => {
    expect(read({ 'retry-after': value }).retryAfterMs).toBeUndefined()
  })

  it('falls back to the limits if it is invalid', () => {
    const headers = { 'retry-after': 'soon', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '7' }
    expect(read(headers).retryAfterMs).toBe(7000)
  })

  it.each([301, 403, 429, 503])('is read on %i', (status) => {
    expect(read({ 'retry-after': '3' }, { status }).retryAfterMs).toBe(3000)
  })

  it('is ignored on a success, where it is about polling', () => {
    expect(read({ 'retry-after': '3' }, { status: 202 }).retryAfterMs).toBeUndefined()
  })
})

describe('the IETF fields', () => {
  it('reads the reset time from RateLimit alone', () => {
    expect(read({ ratelimit: '"default";r=0;t=3' })).toMatchObject({ retryAfterMs: 3000, remaining: 0, resetMs: 3000 })
  })

  it('prefers Retry-After to t', () => {
    expect(read({ ratelimit: '"default";r=0;t=3', 'retry-after': '9' })).toMatchObject({
      retryAfterMs: 9000,
      resetMs: 3000,
    })
  })

  it('waits for all exhausted policies', () => {
    expect(read({ ratelimit: '"a";r=0;t=3, "b";r=0;t=60, "c";r=4;t=3600' })).toMatchObject({ retryAfterMs: 60_000 })
  })

  it('returns the remaining calls on a success', () => {
    expect(read({ ratelimit: '"a";r=12;t=3, "b";r=50;t=60' }, { status: 200 })).toEqual({
      retryAfterMs: undefined,
      remaining: 12,
      resetMs: 3000,
      usage: undefined,
      policies: undefined,
    })
  })

  it('returns the declared policies', () => {
    const headers = { ratelimit: '"permin";r=12;t=30', 'ratelimit-policy': '"permin";q=50;w=60' }
    expect(read(headers, { status: 200 }).policies).toEqual([
      { name: 'permin', quota: 50, windowMs: 60_000, unit: 'requests', partitionKey: undefined },
    ])
  })

  it('ignores malformed fields', () => {
    expect(
      read({ ratelimit: '"default";r=zero;t=3', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '5' }),
    ).toMatchObject({
      retryAfterMs: 5000,
    })
  })

  it('ignores a field longer than any valid one', () => {
    const policies = (count: number) => Array.from({ length: count }, () => '"default";r=0;t=3').join(', ')
    expect(read({ ratelimit: policies(400) }).retryAfterMs).toBe(3000)
    expect(read({ ratelimit: policies(500) }).retryAfterMs).toBeUndefined()
  })

  it("Jira's early name for it is known", () => {
    const headers = {
      'beta-ratelimit': '"tenant-app-quota";r=0;t=2788',
      'beta-ratelimit-policy': '"tenant-app-quota";q=65000;w=3600',
    }
    expect(read(headers)).toMatchObject({ retryAfterMs: 2_788_000, policies: [{ quota: 65_000, windowMs: 3_600_000 }] })
  })
})

describe('dialects', () => {
  it('GitHub: x-ratelimit-reset in seconds since the epoch, on 403 too', () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(epochSeconds + 1800) }
    expect(read(headers, { status: 403 })).toMatchObject({ retryAfterMs: 1_800_000, remaining: 0, resetMs: 1_800_000 })
  })

  it("ignores the reset of GitHub's first limit, an hour away, when the second one is exhausted", () => {
    const headers = { 'x-ratelimit-remaining': '4990', 'x-ratelimit-reset': String(epochSeconds + 3600) }
    expect(read(headers, { status: 403 })).toMatchObject({
      retryAfterMs: undefined,
      remaining: 4990,
      resetMs: 3_600_000,
    })
  })

  it('SendGrid: seconds since the epoch, our clock ten minutes slow', () => {
    const headers = {
      date: 'Sat, 21 Nov 2026 12:10:00 GMT',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(epochSeconds + 605),
    }
    expect(read(headers).retryAfterMs).toBe(5000)
  })

  it('milliseconds since the epoch', () => {
    expect(read({ 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': String(nowMs + 2500) }).retryAfterMs).toBe(2500)
  })

  it('Calendly: does not read seconds left as an epoch', () => {
    const headers = { 'x-ratelimit-limit': '500', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '58' }
    expect(read(headers)).toMatchObject({ retryAfterMs: 58_000, remaining: 0 })
  })

  it('Jira: ISO 8601, sent on 429 only and without the remaining calls', () => {
    expect(read({ 'x-ratelimit-reset': '2026-11-21T12:30Z' }).retryAfterMs).toBe(1_800_000)
  })

  it('OpenAI: reads 6m0s as six minutes', () => {
    const headers = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' }
    expect(read(headers).retryAfterMs).toBe(360_000)
  })

  it('OpenAI: waits for the longest of the exhausted limits', () => {
    const headers = {
      'x-ratelimit-remaining-requests': '59',
      'x-ratelimit-reset-requests': '6m0s',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '12ms',
    }
    expect(read(headers).retryAfterMs).toBe(12)
    expect(read({ ...headers, 'x-ratelimit-remaining-requests': '0' }).retryAfterMs).toBe(360_000)
  })

  it('Azure: ignores -1 as a count', () => {
    expect(
      read({ 'x-ratelimit-remaining-requests': '-1', 'x-ratelimit-reset-requests': '0' }).remaining,
    ).toBeUndefined()
  })

  it('Anthropic: RFC 3339, one pair of headers for each kind of limit', () => {
    const headers = {
      'anthropic-ratelimit-requests-remaining': '49',
      'anthropic-ratelimit-requests-reset': '2026-11-21T12:01:00Z',
      'anthropic-ratelimit-input-tokens-remaining': '0',
      'anthropic-ratelimit-input-tokens-reset': '2026-11-21T12:00:21Z',
      'anthropic-ratelimit-output-tokens-remaining': '8000',
      'anthropic-ratelimit-output-tokens-reset': '2026-11-21T12:00:02Z',
    }
    expect(read(headers)).toMatchObject({ retryAfterMs: 21_000, remaining: 0, resetMs: 21_000 })
  })

  it('Brave: waits only for the exhausted window of a comma list', () => {
    const headers = {
      'x-ratelimit-limit': '1, 15000',
      'x-ratelimit-policy': '1;w=1, 15000;w=2592000',
      'x-ratelimit-remaining': '0, 1000',
      'x-ratelimit-reset': '1, 1419704',
    }
    const reading = read(headers)
    expect(reading).toMatchObject({ retryAfterMs: 1000, remaining: 0, resetMs: 1000 })
    expect(reading.policies?.map(({ quota }) => quota)).toEqual([1, 15_000])
    expect(read({ ...headers, 'x-ratelimit-remaining': '1, 0' }).retryAfterMs).toBe(1_419_704_000)
    expect(read({ 'x-ratelimit-reset': '1, 1419704' }).retryAfterMs).toBe(1000)
  })

  it('HubSpot: the length of the window, in milliseconds', () => {
    const headers = { 'x-hubspot-ratelimit-remaining': '0', 'x-hubspot-ratelimit-interval-milliseconds': '10000' }
    expect(read(headers).retryAfterMs).toBe(10_000)
  })

  it('Atlassian Data Center: a bucket filled once an interval, Retry-After 0 while it holds something', () => {
    const headers = {
      'x-ratelimit-limit': '10',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-interval-seconds': '60',
      'x-ratelimit-fillrate': '10',
    }
    expect(read(headers).retryAfterMs).toBe(60_000)
    expect(read({ ...headers, 'retry-after': '7' }).retryAfterMs).toBe(7000)
    const left = { ...headers, 'x-ratelimit-remaining': '4', 'retry-after': '0' }
    expect(read(left, { status: 200 })).toMatchObject({ retryAfterMs: undefined, remaining: 4 })
  })

  it('Meta: estimated_time_to_regain_access is in minutes', () => {
    const usage = [
      { type: 'pages', call_count: 100, total_cputime: 3, total_time: 9, estimated_time_to_regain_access: 15 },
    ]
    const headers = { 'x-business-use-case-usage': JSON.stringify({ '112130216863063': usage }) }
    expect(read(headers, { status: 400 })).toMatchObject({ retryAfterMs: 900_000, usage: 1 })
  })

  it('Meta: returns no wait for a failure other than throttling', () => {
    const headers = { 'x-app-usage': '{"call_count":28,"total_time":25,"total_cputime":25}' }
    expect(read(headers, { status: 400 })).toMatchObject({ retryAfterMs: undefined, usage: 0.28 })
  })

  it('Salesforce: usage only', () => {
    const reading = read({ 'sforce-limit-info': 'api-usage=5000/5000' }, { status: 403 })
    expect(reading).toMatchObject({ remaining: 0, usage: 1, retryAfterMs: undefined, resetMs: undefined })
  })

  it('middleware of the sixth and seventh drafts', () => {
    expect(read({ 'ratelimit-remaining': '0', 'ratelimit-reset': '30' }).retryAfterMs).toBe(30_000)
    expect(read({ ratelimit: 'limit=100, remaining=0, reset=30' }).retryAfterMs).toBe(30_000)
  })

  it('returns nothing for a provider without limit headers', () => {
    const empty = { retryAfterMs: undefined, remaining: undefined, resetMs: undefined, usage: undefined }
    expect(read({ 'content-type': 'application/json' })).toEqual({ ...empty, policies: undefined })
    expect(read({ 'content-type': 'application/json' }, { status: 200 }).remaining).toBeUndefined()
  })
})

describe('a dialect as data', () => {
  it('names headers, also for a success', () => {
    const dialect: LimitDialect = {
      headers: [{ remaining: 'x-quota-left', reset: 'x-quota-renews' }, { usage: 'sforce-limit-info' }],
    }
    const headers = {
      'x-quota-left': '7',
      'x-quota-renews': '2026-11-21T12:00:10Z',
      'sforce-limit-info': 'api-usage=1/4',
    }
    expect(read(headers, { status: 200, dialect })).toMatchObject({ remaining: 3, usage: 0.25 })
    expect(read({ 'x-quota-left': '0', 'x-quota-renews': '4' }, { dialect }).retryAfterMs).toBe(4000)
  })

  it('ignores other dialects, but reads Retry-After and RateLimit', () => {
    const dialect: LimitDialect = { headers: [] }
    expect(read({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '5' }, { dialect }).retryAfterMs).toBeUndefined()
    expect(read({ 'retry-after': '5' }, { dialect }).retryAfterMs).toBe(5000)
    expect(read({ ratelimit: '"a";r=0;t=5' }, { dialect }).retryAfterMs).toBe(5000)
  })

  it('uses the configured form if the value is ambiguous', () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1500' }
    expect(read(headers).retryAfterMs).toBe(1_500_000)
    expect(read(headers, { dialect: { reset: 'milliseconds' } }).retryAfterMs).toBe(1500)
    expect(read(headers, { dialect: { reset: 'epoch-seconds' } }).retryAfterMs).toBeUndefined()
  })

  it('does not change how Retry-After is read', () => {
    expect(read({ 'retry-after': '5' }, { dialect: { reset: 'epoch-seconds' } }).retryAfterMs).toBe(5000)
  })
})

it('returns only the wait of a failed response', () => {
  expect(retryAfterMs(new Response(null, { status: 503, headers: { 'retry-after': '2' } }), nowMs)).toBe(2000)
  expect(retryAfterMs({ status: 200, headers: new Headers({ 'retry-after': '2' }) }, nowMs)).toBeUndefined()
})

it('never throws, and returns only times within a year and counts from 0, for any header', () => {
  const names = [
    ...['retry-after', 'retry-after-ms', 'date', 'ratelimit', 'ratelimit-policy', 'beta-ratelimit'],
    ...['x-ratelimit-remaining', 'x-ratelimit-reset', 'x-ratelimit-interval-seconds', 'x-ratelimit-policy'],
    ...['x-ratelimit-remaining-tokens', 'x-ratelimit-reset-tokens', 'anthropic-ratelimit-tokens-reset'],
    ...['x-hubspot-ratelimit-interval-milliseconds', 'x-app-usage', 'x-business-use-case-usage', 'sforce-limit-info'],
    'x-ms-throttle-limit-percentage',
  ]
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'0123456789.,:;=-+"TZhmsrtqw{}[]/ '.split('')) }),
    fc.json(),
    fc.double().map(String),
    fc.date().map((date) => date.toString()),
    fc.constantFrom('0', '60', '6m0s', '1, 2', '"a";r=0;t=3', 'Sat, 21 Nov 2026 12:00:30 GMT', '9'.repeat(9000)),
  )
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...names), text),
      fc.constantFrom(200, 400, 429, 503),
      (headers, status) => {
        const values = new Map(Object.entries(headers))
        const reading = readLimitHeaders({ get: (name) => values.get(name) ?? null }, { status, nowMs })
        for (const ms of [reading.retryAfterMs, reading.resetMs]) {
          expect(ms === undefined || (ms >= 0 && ms <= 31_536_000_000)).toBe(true)
        }
        expect(reading.remaining === undefined || reading.remaining >= 0).toBe(true)
        expect(reading.usage === undefined || Number.isFinite(reading.usage)).toBe(true)
      },
    ),
    { numRuns: 500 },
  )
})
