import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import * as schemes from '../src/schemes.ts'
import { bytesOf, cases, CHANNEL, mac, NOW, outcome, sent } from './sent.ts'
import type { SchemeCase, Sent } from './sent.ts'

const BODY = '{"type":"thing.changed","note":"\u{1F60A} \\/ 1.0"}'

const messageFor = ({ body = BODY }: SchemeCase) => ({
  body: bytesOf(body),
  at: NOW - 1000,
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
})

/** Yields every request that differs from this one in a single bit of a header. */
function* flippedHeaders(request: Sent, name: string): Generator<Sent> {
  const value = request.headers[name] ?? ''
  expect(value).not.toBe('')
  for (let at = 0; at < value.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const flipped = value.slice(0, at) + String.fromCharCode(value.charCodeAt(at) ^ (1 << bit)) + value.slice(at + 1)
      yield { ...request, headers: { ...request.headers, [name]: flipped } }
    }
  }
}

function* flippedBodies(request: Sent): Generator<Sent> {
  for (let at = 0; at < request.body.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const body = request.body.slice()
      body[at] = (body[at] ?? 0) ^ (1 << bit)
      yield { ...request, body }
    }
  }
}

describe.each(cases)('the scheme $name', (each) => {
  const { scheme, secrets, send, covered, coversBody } = each
  const [current, next] = secrets

  it('verifies a delivery', async () => {
    expect(await outcome(scheme, [current], await send(messageFor(each)))).toBe('verified')
  })

  it(`refuses each flipped bit of ${[...covered, ...(coversBody ? ['the body'] : [])].join(', ')}`, async () => {
    const request = await send(messageFor(each))
    const flipped = [
      ...covered.flatMap((name) => [...flippedHeaders(request, name)]),
      ...(coversBody ? flippedBodies(request) : []),
    ]
    const outcomes = await Promise.all(flipped.map((other) => outcome(scheme, [current], other)))
    expect(outcomes.length).toBeGreaterThan(100)
    expect(flipped.filter((_, at) => outcomes[at] === 'verified')).toEqual([])
  })

  it('refuses a delivery signed with another secret', async () => {
    const reason = covered.some((name) => name.includes('token')) ? 'token_mismatch' : 'signature_mismatch'
    expect(await outcome(scheme, [next], await send(messageFor(each)))).toBe(reason)
  })

  it('W6: refuses a delivery without its signature', async () => {
    const request = await send(messageFor(each))
    for (const name of covered) {
      for (const headers of [without(request.headers, name), { ...request.headers, [name]: '' }]) {
        expect(await outcome(scheme, [current], { ...request, headers }), name).toMatch(/_missing$|_mismatch$/)
      }
    }
    expect(await outcome(scheme, [current], { ...request, headers: {} })).toMatch(/_missing$|^body_malformed$/)
  })

  it('W7: refuses malformed signatures of any length', async () => {
    const request = await send(messageFor(each))
    for (const name of covered) {
      for (const length of [1, 2, 63, 64, 65, 127, 255, 4097, 1_000_000]) {
        for (const character of ['a', '=', 'é', '\0', ' ']) {
          const headers = { ...request.headers, [name]: character.repeat(length) }
          expect(await outcome(scheme, [current], { ...request, headers })).not.toBe('verified')
        }
      }
    }
  })

  it('W4: refuses two values of a signature header', async () => {
    const request = await send(messageFor(each))
    for (const name of covered) {
      const value = request.headers[name] ?? ''
      for (const twice of [`${value}, ${value}`, `x, ${value}`, `${value}, x`, `${value},`]) {
        const headers = { ...request.headers, [name]: twice }
        expect(await outcome(scheme, [current], { ...request, headers }), twice).not.toBe('verified')
      }
    }
  })

  it('W24: accepts any active secret, and no retired one', async () => {
    const [old, fresh] = [await send(messageFor(each), 0), await send(messageFor(each), 1)]
    expect(await outcome(scheme, [next, current], old)).toBe('verified')
    expect(await outcome(scheme, [next, current], fresh)).toBe('verified')
    expect(await outcome(scheme, [next], old)).not.toBe('verified')
    expect(await outcome(scheme, [next], fresh)).toBe('verified')
  })

  it('refuses everything if its secret is empty', async () => {
    expect(await outcome(scheme, [''], await send(messageFor(each)))).not.toBe('verified')
  })
})

describe.each(cases.filter(({ timed }) => timed))('the timestamp of $name', (each) => {
  const { scheme, secrets, send } = each
  const maxAgeMs = each.name === 'sendgrid' ? 86_400_000 : each.name === 'calendly' ? 180_000 : 300_000
  const at = async (atMs: number) => outcome(scheme, [secrets[0]], await send({ ...messageFor(each), at: atMs }))

  it('W9: counts the age and the lead separately', async () => {
    expect(await at(NOW - maxAgeMs)).toBe('verified')
    expect(await at(NOW - maxAgeMs - 1000)).toBe('timestamp_too_old')
    expect(await at(NOW + 60_000)).toBe('verified')
    expect(await at(NOW + 61_000)).toBe('timestamp_in_future')
    expect(await at(NOW + 299_000)).toBe('timestamp_in_future')
  })

  it('refuses everything if the clock returns no number', async () => {
    const request = await send(messageFor(each))
    expect(await outcome(scheme, [secrets[0]], request, Number.NaN)).toBe('timestamp_too_old')
  })
})

it.each([
  '1718000',
  '171800000',
  '17180000000',
  '1718000000000',
  '1e9',
  '-1718000000',
  '+171800000',
  '12abc',
  ' 1718000000',
  '1718000000 ',
  '1718000000.0',
  '0x66666666',
  '１７１８００００００',
  '١٧١٨٠٠٠٠٠٠',
])('W9: refuses the timestamp "%s" where seconds are expected', async (timestamp) => {
  const signature = mac('slack-secret-1', `v0:${timestamp}:{}`)
  const headers = { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${signature}` }
  expect(await outcome(schemes.slack(), ['slack-secret-1'], sent({ body: '{}', headers }))).toBe('timestamp_malformed')
})

const without = (headers: Readonly<Record<string, string>>, name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name))

describe('a token', () => {
  const query = schemes.sharedToken({ query: 'token' })
  const address = (token: string) => sent({ url: `https://app.example/hooks/x?token=${token}` })
  const secret = 'a-secret-of-some-length'

  it('in the query is refused for each flipped bit, and if it is there twice', async () => {
    expect(await outcome(query, [secret], address(secret))).toBe('verified')
    for (const { body } of flippedBodies(sent({ body: secret }))) {
      expect(await outcome(query, [secret], address(encodeURIComponent(Buffer.from(body).toString('latin1'))))).toBe(
        'token_mismatch',
      )
    }
    expect(await outcome(query, [secret], address(`${secret}&token=${secret}`))).toBe('token_missing')
    expect(await outcome(query, [secret], address(''))).toBe('token_missing')
    expect(await outcome(query, [secret], sent({}))).toBe('token_missing')
  })

  it('in the path is refused for each flipped bit', async () => {
    const path = (token: string) => sent({ url: `https://app.example/hooks/x/${token}` })
    const scheme = schemes.pathSecret()
    expect(await outcome(scheme, [secret], path(secret))).toBe('verified')
    for (const { body } of flippedBodies(sent({ body: secret }))) {
      const token = encodeURIComponent(Buffer.from(body).toString('latin1'))
      expect(await outcome(scheme, [secret], path(token))).toMatch(/^token_m/)
    }
    expect(await outcome(scheme, [secret], path(''))).toBe('token_missing')
    expect(await outcome(scheme, [secret], path('%ff'))).toBe('token_mismatch')
  })

  it('behind a prefix is refused without the prefix', async () => {
    const scheme = schemes.sharedToken({ header: 'authorization', prefix: 'Bearer ' })
    const headers = (authorization: string) => sent({ headers: { authorization } })
    expect(await outcome(scheme, [secret], headers(`Bearer ${secret}`))).toBe('verified')
    expect(await outcome(scheme, [secret], headers(secret))).toBe('token_missing')
  })
})

describe('clientState()', () => {
  const scheme = schemes.clientState()
  const secrets = ['one-secret', 'two-secret'] as const
  const token = async (channel = CHANNEL, at: 0 | 1 = 0) => (await scheme.issueToken?.(channel, [secrets[at]])) ?? ''
  const notifications = (...states: readonly unknown[]) =>
    sent({ body: JSON.stringify({ value: states.map((clientState) => ({ subscriptionId: 'sub', clientState })) }) })

  it('issues tokens within the 128 characters of Microsoft and the 64 of a channel id', async () => {
    expect((await token('x'.repeat(64))).length).toBeLessThanOrEqual(128)
    await expect(token('x'.repeat(65))).rejects.toThrow('1 to 64')
    await expect(token('a.b')).rejects.toThrow('1 to 64')
    expect(schemes.channelOf(await token())).toBe(CHANNEL)
    expect(schemes.channelOf('nonsense')).toBeUndefined()
  })

  it('returns the channels that the notifications prove', async () => {
    const request = notifications(await token('one'), await token('two', 1), await token('one'))
    const verdict = await scheme.verify({ ...request, bytes: request.body, now: NOW, header: () => undefined }, secrets)
    expect(verdict).toEqual({ verified: true, channels: ['one', 'two'] })
  })

  it('refuses each flipped bit of the token', async () => {
    const good = await token()
    for (const { body } of flippedBodies(sent({ body: good }))) {
      const flipped = Buffer.from(body).toString('latin1')
      expect(await outcome(scheme, secrets, notifications(flipped))).toMatch(/^token_m/)
    }
  })

  it('W23: refuses a notification without clientState, alone or among others', async () => {
    const good = await token()
    expect(await outcome(scheme, secrets, notifications(undefined))).toBe('token_missing')
    expect(await outcome(scheme, secrets, notifications(good, undefined))).toBe('token_missing')
    expect(await outcome(scheme, secrets, notifications(good, null))).toBe('token_missing')
    expect(await outcome(scheme, secrets, notifications(good, 1))).toBe('token_missing')
    expect(await outcome(scheme, secrets, notifications(good, 'other'))).toBe('token_malformed')
    expect(await outcome(scheme, secrets, notifications(good, await token('other')))).toBe('verified')
    expect(await outcome(scheme, ['another-secret'], notifications(good))).toBe('token_mismatch')
  })

  it.each(['', '{}', '{"value":[]}', '{"value":{}}', 'null', '[', '{"value":[null]}', '{"value":"x"}'])(
    'refuses the body %s',
    async (body) => {
      expect(await outcome(scheme, secrets, sent({ body }))).toMatch(/^body_malformed$|^token_missing$/)
    },
  )
})

it('W19: refuses a token of another channel', async () => {
  const scheme = schemes.googleChannel()
  const token = (await scheme.issueToken?.('channel-a', ['secret'])) ?? ''
  const headers = { 'x-goog-channel-token': token, 'x-goog-channel-id': 'channel-b' }
  expect(await outcome(scheme, ['secret'], sent({ headers }))).toBe('token_mismatch')
})

describe('the limits', () => {
  const body = '{}'
  const single = schemes.hmac({ header: 'x-signature', separator: ' ', prefix: 'v1=' })
  const entry = (signature: string) => `v1=${signature}`
  const judge = (signatures: readonly string[]) =>
    outcome(single, ['secret'], sent({ body, headers: { 'x-signature': signatures.map(entry).join(' ') } }))
  const good = mac('secret', body)
  const other = mac('other', body)

  it('allow eight signatures in a header', async () => {
    expect(await judge([...Array<string>(7).fill(other), good])).toBe('verified')
    expect(await judge([...Array<string>(8).fill(other), good])).toBe('signature_malformed')
  })

  it('require the exact length of each signature', async () => {
    expect(await judge([good, other.slice(2)])).toBe('signature_malformed')
    expect(await judge([good, `${other}00`])).toBe('signature_malformed')
    const key = cases.find(({ name }) => name.endsWith('25519'))
    if (key === undefined) throw new Error('no case')
    const request = await key.send(messageFor(key))
    const signatures = `${request.headers['svix-signature'] ?? ''} v1a,AAAA`
    const headers = { ...request.headers, 'svix-signature': signatures }
    expect(await outcome(key.scheme, [key.secrets[0]], { ...request, headers })).toBe('signature_malformed')
  })

  it('allow ids of 256 visible ASCII characters', async () => {
    const scheme = schemes.hmac({ header: 'x-signature', content: '{id}.{body}', idHeader: 'x-id' })
    const withId = (id: string) =>
      outcome(
        scheme,
        ['secret'],
        sent({ body, headers: { 'x-id': id, 'x-signature': mac('secret', `${id}.${body}`) } }),
      )
    expect(await withId('a'.repeat(256))).toBe('verified')
    for (const id of ['a'.repeat(257), 'a b', 'a,', 'a.b', 'é']) expect(await withId(id)).toBe('id_malformed')
  })

  it('allow tokens of 512 characters', async () => {
    const scheme = schemes.sharedToken({ header: 'x-token' })
    const withToken = (length: number) => {
      const token = 'x'.repeat(length)
      return outcome(scheme, [token], sent({ headers: { 'x-token': token } }))
    }
    expect(await withToken(512)).toBe('verified')
    expect(await withToken(513)).toBe('token_malformed')
  })
})

describe('several signatures in one header', () => {
  it.each(['calendly', 'stripe'])('are accepted from %s if one is good', async (name) => {
    const each = cases.find((other) => other.name === name)
    if (each === undefined) throw new Error(`no case ${name}`)
    const message = messageFor(each)
    const [header = ''] = each.covered
    const [old, fresh] = [await each.send(message, 0), await each.send(message, 1)]
    const both = `${old.headers[header] ?? ''},${(fresh.headers[header] ?? '').split(',')[1] ?? ''},v0=0123`
    const request = { ...old, headers: { [header]: both } }
    for (const secret of each.secrets) expect(await outcome(each.scheme, [secret], request)).toBe('verified')
    expect(await outcome(each.scheme, ['third'], request)).toBe('signature_mismatch')
    const crowded = {
      ...old,
      headers: { [header]: `${old.headers[header] ?? ''}${`,v1=${'0'.repeat(64)}`.repeat(8)}` },
    }
    expect(await outcome(each.scheme, [each.secrets[0]], crowded)).toBe('signature_malformed')
    const twoTimes = { ...old, headers: { [header]: `${old.headers[header] ?? ''},t=1718000000` } }
    expect(await outcome(each.scheme, [each.secrets[0]], twoTimes)).toBe('timestamp_missing')
    const cut = { ...old, headers: { [header]: `${old.headers[header] ?? ''},v1` } }
    expect(await outcome(each.scheme, [each.secrets[0]], cut)).toBe('signature_malformed')
  })

  it('are accepted of both kinds of Standard Webhooks', async () => {
    const scheme = schemes.standardWebhooks()
    const [byHmac, byKey] = [
      cases.find(({ name }) => name.endsWith('HMAC')),
      cases.find(({ name }) => name.endsWith('25519')),
    ]
    if (byHmac === undefined || byKey === undefined) throw new Error('no cases')
    const [one, other] = [await byHmac.send(messageFor(byHmac)), await byKey.send(messageFor(byKey))]
    const both = `v2,AAAA ${other.headers['svix-signature'] ?? ''} ${one.headers['webhook-signature'] ?? ''}`
    const request = { ...one, headers: { ...one.headers, 'webhook-signature': both } }
    for (const secret of [byHmac.secrets[0], byKey.secrets[0]]) {
      expect(await outcome(scheme, [secret], request)).toBe('verified')
    }
    expect(await outcome(scheme, [byKey.secrets[1], byHmac.secrets[0]], request)).toBe('verified')
    expect(await outcome(scheme, [byKey.secrets[1], byHmac.secrets[1]], request)).toBe('signature_mismatch')
  })
})
