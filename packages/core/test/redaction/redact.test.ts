import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redact, redactText } from '../../src/redaction/redact.ts'
import { ConnectorError } from '../../src/errors/connector-error.ts'

const secret = 'canary-5f4dcc3b5aa765d61d8327deb882cf99'

/** Returns everything that a logger could print of a value. */
function shown(value: unknown, seen = new Set<unknown>()): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (seen.has(value)) return ''
  seen.add(value)
  const inner =
    value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : Object.entries(value).flat()
  return `${JSON.stringify(value)} ${inner.map((item: unknown) => shown(item, seen)).join(' ')}`
}

describe('the value of a sensitive name', () => {
  it('is replaced, and the rest is unchanged', () => {
    const request = {
      method: 'POST',
      url: `https://slack.com/api/chat.postMessage?token=${secret}`,
      headers: {
        Authorization: `Bearer ${secret}`,
        'x-subscription-token': secret,
        'content-type': 'application/json',
      },
      grant: { access_token: secret, refresh_token: secret, token_type: 'bearer', expires_in: 3600 },
      app: { clientId: 'A1', clientSecret: secret, private_key: secret, keys: { apiKey: secret } },
      usage: { max_tokens: 500, tokens: 17, next_cursor: 'dXNlcjpVMDYx' },
    }
    expect(redact(request)).toEqual({
      method: 'POST',
      url: 'https://slack.com/api/chat.postMessage?token=[redacted]',
      headers: {
        Authorization: '[redacted]',
        'x-subscription-token': '[redacted]',
        'content-type': 'application/json',
      },
      grant: { access_token: '[redacted]', refresh_token: '[redacted]', token_type: 'bearer', expires_in: 3600 },
      app: { clientId: 'A1', clientSecret: '[redacted]', private_key: '[redacted]', keys: { apiKey: '[redacted]' } },
      usage: { max_tokens: 500, tokens: 17, next_cursor: 'dXNlcjpVMDYx' },
    })
  })

  it('still shows whether it was present', () => {
    const value = { token: '', password: null, secret: undefined, api_key: false, cookie: 0, jwt: 5n, otp: 123_456 }
    expect(redact(value)).toEqual({
      ...{ token: '', password: null, secret: undefined, api_key: false },
      ...{ cookie: '[redacted]', jwt: '[redacted]', otp: '[redacted]' },
    })
  })

  it('is removed as a whole, whatever its type', () => {
    const value = { credentials: { user: 'ada', deep: [secret] }, cookies: [secret], token: () => secret }
    expect(redact(value)).toEqual({ credentials: '[redacted]', cookies: '[redacted]', token: '[redacted]' })
  })

  it('stays if it is a count of tokens, but not if it is a string', () => {
    const value = {
      tokens: { input: 12, output: 30, note: secret, more: [secret, 5] },
      access_tokens: [secret, secret, 1],
    }
    expect(redact(value)).toEqual({
      tokens: { input: 12, output: 30, note: '[redacted]', more: ['[redacted]', 5] },
      access_tokens: ['[redacted]', '[redacted]', 1],
    })
  })

  it('is detected if the name is in a sibling field', () => {
    const value = {
      headers: [
        ['Cookie', secret],
        ['accept', 'text/plain'],
      ],
      har: [
        { name: 'X-Api-Key', value: secret },
        { name: 'accept', value: 'text/plain' },
      ],
      form: [{ key: 'client_secret', value: secret }],
    }
    expect(redact(value)).toEqual({
      headers: [
        ['Cookie', '[redacted]'],
        ['accept', 'text/plain'],
      ],
      har: [
        { name: 'X-Api-Key', value: '[redacted]' },
        { name: 'accept', value: 'text/plain' },
      ],
      form: [{ key: 'client_secret', value: '[redacted]' }],
    })
  })

  it('includes the private members of a key, which have one-letter names', () => {
    const key = { kty: 'EC', crv: 'P-256', x: 'pub', y: 'lic', d: secret }
    expect(redact({ key })).toEqual({ key: { ...key, d: '[redacted]' } })
    expect(redact({ kty: 'oct', k: secret })).toEqual({ kty: 'oct', k: '[redacted]' })
    expect(redact({ d: 'a day', k: 'a key' })).toEqual({ d: 'a day', k: 'a key' })
  })
})

describe('kinds of values', () => {
  it('strings are redacted at any depth', () => {
    expect(redact(`Bearer ${secret}`)).toBe('Bearer [redacted]')
    expect(redact([`password=${secret}`, { note: `https://ada:${secret}@x.io` }])).toEqual([
      'password=[redacted]',
      { note: 'https://[redacted]@x.io' },
    ])
    expect(redact({ [`sent Bearer ${secret}`]: 1 })).toEqual({ 'sent Bearer [redacted]': 1 })
  })

  it('numbers, null and undefined are unchanged', () => {
    for (const value of [1, 1.5, Number.NaN, 5n, true, null, undefined]) expect(redact(value)).toBe(value)
    expect(redact(Symbol('name'))).toBe('Symbol(name)')
    expect(redact(function send() {})).toBe('[function send]')
  })

  it('dates are copied', () => {
    const date = new Date(0)
    expect(redact({ date })).toEqual({ date })
    expect((redact({ date }) as { date: Date }).date).not.toBe(date)
  })

  it('URLs and headers become readable values', () => {
    expect(redact(new URL(`https://ada:pw@x.io/a?access_token=${secret}&n=1`))).toBe(
      'https://[redacted]@x.io/a?access_token=[redacted]&n=1',
    )
    expect(redact(new URLSearchParams({ api_key: secret, n: '1' }))).toBe('api_key=[redacted]&n=1')
    expect(redact(new Headers({ Authorization: secret, Accept: '*/*' }))).toEqual({
      authorization: '[redacted]',
      accept: '*/*',
    })
    const form = new FormData()
    form.set('client_secret', secret)
    form.set('text', 'Hi')
    expect(redact(form)).toEqual({ client_secret: '[redacted]', text: 'Hi' })
  })

  it('maps and sets keep their kind', () => {
    const map = new Map<unknown, unknown>([
      ['token', secret],
      ['id', 'a'],
      [5, `Bearer ${secret}`],
      [`Bearer ${secret}`, 1],
    ])
    expect(redact(map)).toEqual(
      new Map<unknown, unknown>([
        ['token', '[redacted]'],
        ['id', 'a'],
        [5, 'Bearer [redacted]'],
        ['Bearer [redacted]', 1],
      ]),
    )
    expect(redact(new Set([`password=${secret}`, 1]))).toEqual(new Set(['password=[redacted]', 1]))
  })

  it('bytes are replaced by their length', () => {
    const bytes = new TextEncoder().encode(secret)
    expect(redact({ bytes, buffer: bytes.buffer })).toEqual({ bytes: '[39 bytes]', buffer: '[39 bytes]' })
  })

  it('errors keep name, message, stack, cause and their own fields', () => {
    const cause = new TypeError(`fetch failed: https://x.io?api_key=${secret}`)
    const error = Object.assign(new Error(`sent Bearer ${secret}`, { cause }), {
      code: 'E1',
      request: { token: secret },
    })
    const copy = redact(error) as Record<string, unknown>
    expect(copy).toMatchObject({
      name: 'Error',
      message: 'sent Bearer [redacted]',
      code: 'E1',
      request: { token: '[redacted]' },
      cause: { name: 'TypeError', message: 'fetch failed: https://x.io?api_key=[redacted]' },
    })
    expect(copy['stack']).toContain('redact.test.ts')
    expect(shown(copy)).not.toContain(secret)
    const several = redact(new AggregateError([new Error(`password=${secret}`)], 'two failed'))
    expect(several).toMatchObject({ message: 'two failed', errors: [{ message: 'password=[redacted]' }] })
  })

  it('a ConnectorError shows its code and details, but not its cause', () => {
    const cause = { request: secret }
    const error = new ConnectorError(
      'TIMEOUT',
      `No answer to token=${secret}`,
      { toolName: 'a', attempts: 2 },
      { cause },
    )
    const copy = redact({ error })
    expect(copy).toMatchObject({
      error: { code: 'TIMEOUT', message: 'No answer to token=[redacted]', details: { toolName: 'a', attempts: 2 } },
    })
    expect(shown(copy)).not.toContain(secret)
  })

  it('a class instance is read by its own fields, without running its code', () => {
    class Session {
      readonly id = 'a'
      readonly accessToken = secret
      readonly #hidden = secret
      get reveal(): string {
        return this.#hidden
      }
      toJSON(): unknown {
        return { secret: this.#hidden }
      }
    }
    expect(redact(new Session())).toEqual({ id: 'a', accessToken: '[redacted]' })
  })
})

describe('any input', () => {
  it('is printed once per reference, and circular references end', () => {
    const shared = { id: 'a' }
    const value: Record<string, unknown> = { first: shared, second: shared, list: [] }
    value['self'] = value
    value['list'] = [value]
    expect(redact(value)).toEqual({
      first: { id: 'a' },
      second: { id: 'a' },
      list: ['[circular]'],
      self: '[circular]',
    })
  })

  it('is cut if it is deep', () => {
    let deep: unknown = secret
    for (let level = 0; level < 100_000; level++) deep = { deep }
    const copy = JSON.stringify(redact(deep))
    expect(copy).toContain('[too much to show]')
    expect(copy.length).toBeLessThan(300)
  })

  it('is cut with a note if it is a long list or object', () => {
    const list = redact(Array.from({ length: 5000 }, (_, index) => index)) as unknown[]
    expect([list.length, list.at(-1)]).toEqual([1001, '[4000 more]'])
    const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`field${index}`, index]))
    expect(Object.keys(redact(wide) as object).length).toBeLessThanOrEqual(1001)
  })

  it('does not grow without bound if a few objects contain each other many times', () => {
    let value: unknown = { leaf: 1 }
    for (let level = 0; level < 11; level++) value = Array.from({ length: 50 }, () => value)
    expect(JSON.stringify(redact(value)).length).toBeLessThan(2_000_000)
  })

  it('is searched for secrets before long strings are cut', () => {
    const text = `${'x'.repeat(16_370)} password=${secret}`
    expect((redact(text) as string).slice(16_370)).toBe(` password=[red… (${text.length} characters)`)
    expect(redact('y'.repeat(3_000_000))).toBe(`${'y'.repeat(16_384)}… (3000000 characters)`)
  })

  it('is redacted although a getter or a proxy throws', () => {
    const value = {
      id: 'a',
      get broken(): string {
        throw new Error(secret)
      },
      proxy: new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error(secret)
          },
        },
      ),
      revoked: (() => {
        const { proxy, revoke } = Proxy.revocable({}, {})
        revoke()
        return proxy
      })(),
    }
    expect(redact(value)).toEqual({ id: 'a', broken: '[unreadable]', proxy: '[unreadable]', revoked: '[unreadable]' })
  })

  it('does not change a prototype with a field called __proto__', () => {
    const copy = redact(JSON.parse('{"__proto__":{"admin":true},"id":"a"}')) as Record<string, unknown>
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
    expect(copy['admin']).toBeUndefined()
    expect(Object.keys(copy)).toEqual(['__proto__', 'id'])
  })

  it('is not modified', () => {
    const value = { token: secret, list: [{ password: secret }], map: new Map([['secret', secret]]) }
    const before = structuredClone(value)
    redact(value)
    expect(value).toEqual(before)
  })

  it('is redacted to the same result twice', () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true, withMap: true, withSet: true, withBigInt: true }), (value) => {
        const once = redact(value)
        expect(redact(once)).toEqual(once)
      }),
    )
  })
})

describe('known secrets', () => {
  it('are removed under any name, in keys, and in any encoding', () => {
    const live = 'Tr0ub4dor & 3'
    const value = {
      note: `the user typed ${live}`,
      [live]: 1,
      query: new URLSearchParams({ q: live }),
      nested: [new Map([[live, [encodeURIComponent(live)]]]), btoa(`ada:${live}`)],
      error: new Error(live),
    }
    const all = shown(redact(value, [live]))
    for (const spelt of [live, 'Tr0ub4dor', btoa(`ada:${live}`)]) expect(all).not.toContain(spelt)
  })

  it('may come from an iterable that can be read only once', () => {
    const once = new Set(['open sesame']).values()
    expect(redact({ a: 'open sesame', b: ['open sesame'] }, once)).toEqual({ a: '[redacted]', b: ['[redacted]'] })
  })
})

it('are removed from strings by the same redactor', () => {
  expect(redactText(`password=${secret}`)).toBe('password=[redacted]')
})
