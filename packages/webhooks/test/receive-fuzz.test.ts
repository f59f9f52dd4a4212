import process from 'node:process'
import { memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { seededRandom } from '@mcpclient/testing'
import { signedRequest } from '@mcpclient/webhooks/testing'
import { expect, it } from 'vitest'
import { mailNotification } from './mail.ts'
import { ADDRESS, chatDelivery, message, setUp } from './scene.ts'

const INPUTS = Number(process.env['WEBHOOK_FUZZ'] ?? 2000)
const SEED = Number(process.env['WEBHOOK_SEED'] ?? 1)

type Dice = () => number
const pick = <Item>(dice: Dice, items: readonly Item[]): Item => items[Math.floor(dice() * items.length)] as Item
const some = <Item>(dice: Dice, items: readonly Item[]): readonly Item[] =>
  Array.from({ length: Math.floor(dice() * 5) }, () => pick(dice, items))

const PIECES = [
  '',
  'chat',
  'calendar',
  'mail',
  'hooks',
  'other',
  '..',
  '%2e%2e',
  '%E0%A4%A',
  '%00',
  'constructor',
  '__proto__',
]
const QUERIES = [
  '',
  '',
  '?validationToken=<script>',
  '?validationToken=',
  '?a=%ff',
  '?token=a&token=b',
  `?${'a'.repeat(5000)}`,
]
const METHODS = ['POST', 'POST', 'POST', 'PUT', 'GET', 'HEAD', 'DELETE', 'OPTIONS', 'PURGE']
const NAMES = [
  'x-slack-signature',
  'x-slack-request-timestamp',
  'x-goog-channel-token',
  'x-goog-channel-id',
  'x-goog-resource-state',
  'content-type',
  'content-encoding',
  'content-length',
  'x-forwarded-host',
  'authorization',
]
const VALUES = [
  '',
  ' ',
  'v0=',
  `v0=${'0'.repeat(64)}`,
  `v0=${'a'.repeat(20_000)}`,
  `c1.${'A'.repeat(43)}`,
  'c1',
  'sync',
  'gzip',
  'deflate',
  'br',
  'gzip, gzip',
  '-1',
  '1e9',
  'NaN',
  '9'.repeat(400),
  'Bearer a.b.c',
  'é',
  'application/json; charset=utf-7',
  '{',
]
const BODIES: readonly (string | Uint8Array<ArrayBuffer>)[] = [
  new Uint8Array([0x1f, 0x8b, 8, 0]),
  '',
  '{',
  '[]',
  'null',
  '\0',
  '\uFEFF{}',
  '{"type":"url_verification","challenge":"a"}',
  '{"value":[{"clientState":"c1"}]}',
  `{"value":[${'{"clientState":"a"},'.repeat(2000)}1]}`,
  `{"__proto__":{"verified":true}}`,
  '['.repeat(100_000),
  'a=1&a=2&%=%',
]

/** Makes a request as an attacker without a secret can send it. */
async function forged(dice: Dice, now: number): Promise<Request | undefined> {
  const clock = { now: () => now } as Parameters<typeof chatDelivery>[0]['clock']
  const bases = [
    () => chatDelivery({ clock }, message('E1'), { secret: 'guess' }),
    () => signedRequest({ scheme: 'googleChannel', secret: 'guess', channel: 'c1', url: `${ADDRESS}/calendar` }),
    () => mailNotification(`c1.${'A'.repeat(43)}`),
    () => new Request(`${ADDRESS}/chat`, { method: 'POST', body: pick(dice, BODIES) }),
  ]
  const base = await pick(dice, bases)()
  const headers = dice() < 0.7 ? new Headers(base.headers) : new Headers()
  const path = dice() < 0.6 ? new URL(base.url).pathname : `/${some(dice, PIECES).join('/')}`
  const method = dice() < 0.8 ? 'POST' : pick(dice, METHODS)
  const bytes = new Uint8Array(await base.arrayBuffer())
  for (let at = 0; at < bytes.length && dice() < 0.3; at++) bytes[Math.floor(dice() * bytes.length)] = dice() * 256
  const body = dice() < 0.6 ? bytes : pick(dice, BODIES)
  try {
    for (const name of some(dice, NAMES)) headers[dice() < 0.3 ? 'append' : 'set'](name, pick(dice, VALUES))
    const hasBody = method !== 'GET' && method !== 'HEAD'
    return new Request(`https://app.example${path}${pick(dice, QUERIES)}`, {
      method,
      headers,
      ...(hasBody && { body }),
    })
  } catch {
    // No client can send it.
    return undefined
  }
}

it(
  `no forged request of ${INPUTS} gets a 5xx, calls a handler, or writes more than a refusal`,
  { timeout: 900_000 },
  async () => {
    process.stdout.write(`webhooks: ${INPUTS} forged requests from seed ${SEED}\n`)
    const base = memoryStore()
    let writes = 0
    const state: Store = {
      ...{ get: base.get.bind(base), delete: base.delete.bind(base), list: base.list.bind(base) },
      put: (...written) => (writes++, base.put(...written)),
    }
    const { hooks, mcp, woken, clock } = await setUp({ state })
    let called = 0
    hooks.on('chat', 'message', () => void called++)
    mcp.on('chat.message', () => called++)
    const statuses = new Map<number, number>()
    writes = 0
    for (let seed = SEED; seed < SEED + INPUTS; seed++) {
      const request = await forged(seededRandom(seed), clock.now())
      if (request === undefined) continue
      const { status } = await hooks.receive(request).catch((error: unknown) => {
        throw new Error(`receive() rejected: run it alone with WEBHOOK_SEED=${seed} WEBHOOK_FUZZ=1`, { cause: error })
      })
      if (status < 400 || status >= 500) expect.fail(`Seed ${seed} gets ${status}: ${request.method} ${request.url}`)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    expect([called, woken]).toEqual([0, []])
    expect(writes).toBeLessThanOrEqual(3)
    if (INPUTS >= 2000) expect([...statuses.keys()]).toEqual(expect.arrayContaining([401, 404, 413, 415]))
  },
)
