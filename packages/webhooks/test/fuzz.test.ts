import process from 'node:process'
import { seededRandom } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import type { Secrets, Verifier } from '@mcpclient/core/define'
import { googlePush, sharedToken, pathSecret, clientState } from '../src/schemes.ts'
import { bytesOf, cases, NOW, unverified } from './sent.ts'
import type { Sent } from './sent.ts'

const INPUTS = Number(process.env['WEBHOOK_FUZZ'] ?? 4000)
const SEED = Number(process.env['WEBHOOK_SEED'] ?? 1)

type Dice = () => number
const pick = <Item>(dice: Dice, items: readonly Item[]): Item => items[Math.floor(dice() * items.length)] as Item
const upTo = (dice: Dice, most: number): number => Math.floor(dice() * (most + 1))

/** Fragments that parsers trip over. */
const FRAGMENTS = [
  '',
  ' ',
  ',',
  ', ',
  '=',
  'v0=',
  'v1=',
  'v1,',
  'v1a,',
  't=',
  'sha256=',
  '.',
  '%',
  '%2',
  '%ff',
  '\0',
  '\n',
  '\uFEFF',
  'é',
  '\uD800',
  '1718000000',
  '1718000000000',
  '-1',
  '1e9',
  'NaN',
  'Infinity',
  'undefined',
  'null',
  '__proto__',
  'Bearer ',
  'Bearer a.b.c',
  'eyJhbGciOiJub25lIn0.e30.',
  'MEUCIQ==',
  'AAAA',
  '====',
  '0'.repeat(64),
  'a'.repeat(43),
  '[',
  '{',
  '{"value":[{"clientState":"x"}]}',
]
const text = (dice: Dice): string => {
  const parts = Array.from({ length: upTo(dice, 6) }, () => pick(dice, FRAGMENTS))
  return dice() < 0.02 ? parts.join('').repeat(20_000).slice(0, 1_000_000) : parts.join('')
}

/** Changes a good request in a few places, or makes one from nothing. */
function damaged(dice: Dice, good: Sent): Sent {
  const headers: Record<string, string> = dice() < 0.8 ? { ...good.headers } : {}
  for (const name of Object.keys(good.headers)) {
    const value = headers[name] ?? ''
    const chance = dice()
    if (chance < 0.1) delete headers[name]
    else if (chance < 0.3) headers[name] = text(dice)
    else if (chance < 0.4)
      headers[name] = value.slice(0, upTo(dice, value.length)) + text(dice) + value.slice(upTo(dice, value.length))
    else if (chance < 0.5) headers[name] = `${value}, ${value}`
    else if (chance < 0.6) headers[name] = value.toUpperCase()
  }
  if (dice() < 0.1) headers['content-type'] = text(dice)
  return {
    method: dice() < 0.9 ? good.method : text(dice),
    url: dice() < 0.9 ? good.url : dice() < 0.5 ? good.url + text(dice) : text(dice),
    headers,
    body: dice() < 0.6 ? good.body : bytesOf(text(dice)),
  }
}

interface Target {
  readonly name: string
  readonly scheme: Verifier
  readonly secrets: Secrets
  readonly good: Sent
}

const isSame = (one: Sent, other: Sent): boolean => {
  const contents = ({ headers, body, url, method }: Sent) => JSON.stringify([headers, [...body], url, method])
  return contents(one) === contents(other)
}

it(`no header set of ${INPUTS} makes a scheme throw, or accept what was not signed`, { timeout: 600_000 }, async () => {
  process.stdout.write(`webhooks: ${INPUTS} damaged deliveries from seed ${SEED}\n`)
  const message = { body: bytesOf('{"a":1}'), at: NOW, id: 'msg_1' }
  const signed = await Promise.all(
    cases.map(async ({ name, scheme, secrets, send, body }): Promise<Target> => {
      const good = await send({ ...message, ...(body !== undefined && { body: bytesOf(body) }) })
      return { name, scheme, secrets, good }
    }),
  )
  const blank: Sent = {
    method: 'POST',
    url: 'https://app.example/hooks/x?token=1',
    headers: { authorization: 'Bearer a.b.AAAA' },
    body: message.body,
  }
  const keys = googlePush({
    fetch: () => Promise.resolve(Response.json({ keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: 'x' }] })),
  })
  const targets: readonly Target[] = [
    ...signed,
    { name: 'googlePush', scheme: keys, secrets: ['a@b.example'], good: blank },
    { name: 'query', scheme: sharedToken({ query: 'token' }), secrets: ['a-secret'], good: blank },
    { name: 'path', scheme: pathSecret(), secrets: ['a-secret'], good: blank },
    { name: 'clientState', scheme: clientState(), secrets: ['a-secret'], good: blank },
  ]
  const outcomes = new Map<string, number>()
  for (let seed = SEED; seed < SEED + INPUTS; seed++) {
    const dice = seededRandom(seed)
    const target = pick(dice, targets)
    const request = damaged(dice, target.good)
    const verdict = await target.scheme
      .verify(unverified(request, dice() < 0.99 ? NOW : Number.NaN), target.secrets)
      .catch((error: unknown) => {
        throw new Error(`${target.name} threw: run it alone with WEBHOOK_SEED=${seed} WEBHOOK_FUZZ=1`, { cause: error })
      })
    const outcome = verdict.verified ? 'verified' : verdict.reason
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    if (verdict.verified && !isAllowed(target, request))
      expect.fail(`${target.name} accepted seed ${seed}: ${JSON.stringify(request)}`)
  }
  expect([...outcomes.values()].reduce((sum, count) => sum + count, 0)).toBe(INPUTS)
  if (INPUTS < 4000) return
  const seen = [
    'verified',
    'signature_missing',
    'signature_malformed',
    'signature_mismatch',
    'timestamp_missing',
    'timestamp_malformed',
    'timestamp_too_old',
    'id_missing',
    'id_malformed',
    'token_missing',
    'token_malformed',
    'token_mismatch',
    'body_malformed',
    'body_mismatch',
  ]
  for (const outcome of seen) expect(outcomes.get(outcome), outcome).toBeGreaterThan(0)
})

/** Returns whether a request differs only where its signature covers nothing. */
function isAllowed({ name, good }: Target, request: Sent): boolean {
  const each = cases.find((other) => other.name === name)
  if (each === undefined) return false
  const coversUrl = /twilio|mandrill|hubspot/.test(name)
  const headers = Object.fromEntries(each.covered.map((header) => [header, request.headers[header] ?? '']))
  const goodHeaders = Object.fromEntries(each.covered.map((header) => [header, good.headers[header] ?? '']))
  return isSame(
    { ...good, headers: goodHeaders },
    {
      method: name === 'hubspot' ? request.method : good.method,
      url: coversUrl ? request.url : good.url,
      headers,
      body: each.coversBody ? request.body : good.body,
    },
  )
}
