import { Buffer } from 'node:buffer'
import { createVerify, generateKeyPairSync } from 'node:crypto'
import process from 'node:process'
import { sign as signForGithub, verify as verifyForGithub } from '@octokit/webhooks-methods'
import { EventWebhook } from '@sendgrid/eventwebhook'
import { isValidSlackRequest } from '@slack/bolt'
import { seededRandom } from '@mcpclient/testing'
import { Webhook } from 'standardwebhooks'
import { Stripe } from 'stripe'
import twilioSdk from 'twilio'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import * as schemes from '../src/schemes.ts'
import { bytesOf, mac, NOW, outcome, sent, sha256, signedBySendgrid, twilioText } from './sent.ts'

// The vendors' own packages judge what we accept, and we judge what they sign. Where ours is stricter, a test says so.
const DELIVERIES = Number(process.env['WEBHOOK_DELIVERIES'] ?? 200)
const SEED = Number(process.env['WEBHOOK_SEED'] ?? 1)
const timeout = 600_000

// Standard Webhooks and Stripe read the clock themselves.
beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

type Dice = () => number
const pick = <Item>(dice: Dice, items: readonly Item[]): Item => items[Math.floor(dice() * items.length)] as Item
const upTo = (dice: Dice, most: number): number => Math.floor(dice() * (most + 1))
const PIECES = [
  '{',
  '}',
  '"',
  ':',
  ',',
  ' ',
  '\n',
  '\r\n',
  '\\/',
  '1.0',
  'é',
  '\u{1F60A}',
  '\uFEFF',
  '&',
  '=',
  '+',
  '%',
  "'",
  'value',
  'Zürich',
  '日本',
]
const textOf = (dice: Dice, most = 30): string =>
  Array.from({ length: 1 + upTo(dice, most) }, () => pick(dice, PIECES)).join('')
const word = (dice: Dice): string =>
  Array.from({ length: 8 + upTo(dice, 24) }, () => pick(dice, [...'abcXYZ019_-'])).join('')

/** Seconds around now; some are just inside the window, some just outside. */
const secondsOf = (dice: Dice): string =>
  String(NOW / 1000 + pick(dice, [0, -1, 1, -299, -300, -301, 60, -3600, -upTo(dice, 400)]))

/** Leaves most signatures as they are, and damages the others as a mistake or an attack would. */
function damaged(dice: Dice, signature: string): string {
  const chance = dice()
  if (chance < 0.6) return signature
  const at = upTo(dice, signature.length - 1)
  if (chance < 0.8) return signature.slice(0, at) + pick(dice, [...'0aA=/+']) + signature.slice(at + 1)
  if (chance < 0.9) return signature.slice(0, at)
  return signature + pick(dice, ['0', '=', 'A', '=='])
}

/** Runs the deliveries, and counts how many both sides accepted and refused. */
async function expectAgreement(
  name: string,
  judge: (dice: Dice) => Promise<{ readonly ours: boolean; readonly theirs: boolean; readonly what: unknown }>,
): Promise<void> {
  process.stdout.write(`webhooks: ${DELIVERIES} deliveries against ${name} from seed ${SEED}\n`)
  const counts = { accepted: 0, refused: 0 }
  for (let seed = SEED; seed < SEED + DELIVERIES; seed++) {
    const { ours, theirs, what } = await judge(seededRandom(`${name} ${seed}`))
    if (ours !== theirs) expect.fail(`seed ${seed}: ours ${ours}, theirs ${theirs}: ${JSON.stringify(what)}`)
    counts[ours ? 'accepted' : 'refused']++
  }
  expect(counts.accepted).toBeGreaterThan(DELIVERIES / 10)
  expect(counts.refused).toBeGreaterThan(DELIVERIES / 10)
}

const succeeds = (work: () => unknown): boolean => {
  try {
    work()
    return true
  } catch {
    return false
  }
}

it('agrees with @octokit/webhooks-methods', { timeout }, () =>
  expectAgreement('@octokit/webhooks-methods', async (dice) => {
    const [body, secret] = [textOf(dice), textOf(dice, 5)]
    const own = `sha256=${mac(secret, body)}`
    expect(await signForGithub(secret, body)).toBe(own)
    const signature = damaged(dice, own)
    const theirs = signature !== '' && (await verifyForGithub(secret, body, signature))
    const request = sent({ body, headers: { 'x-hub-signature-256': signature } })
    return {
      ours: (await outcome(schemes.github(), [secret], request)) === 'verified',
      theirs,
      what: { body, secret, signature },
    }
  }),
)

it('agrees with @slack/bolt', { timeout }, () =>
  expectAgreement('@slack/bolt', async (dice) => {
    const [body, secret, timestamp] = [textOf(dice), word(dice), secondsOf(dice)]
    const signature = damaged(dice, `v0=${mac(secret, `v0:${timestamp}:${body}`)}`)
    const headers = { 'x-slack-signature': signature, 'x-slack-request-timestamp': timestamp }
    const theirs = isValidSlackRequest({
      signingSecret: secret,
      body,
      headers: { ...headers, 'x-slack-request-timestamp': Number(timestamp) },
      nowMilliseconds: NOW,
    })
    const ours = await outcome(schemes.slack(), [secret], sent({ body, headers }))
    return {
      ours: ours === 'verified',
      theirs: theirs && !isStricter(signature),
      what: { body, secret, headers, ours },
    }
  }),
)

/** Bolt splits the header at `=` and ignores what comes after a second one. */
const isStricter = (signature: string): boolean => signature.split('=').length > 2

it('agrees with standardwebhooks', { timeout }, () =>
  expectAgreement('standardwebhooks', async (dice) => {
    const [body, id, timestamp] = [textOf(dice), word(dice), secondsOf(dice)]
    const key = Buffer.from(word(dice).padEnd(24, '.'))
    const secret = `whsec_${key.toString('base64')}`
    const webhook = new Webhook(secret)
    const own = `v1,${mac(key, `${id}.${timestamp}.${body}`, 'base64')}`
    expect(webhook.sign(id, new Date(Number(timestamp) * 1000), body)).toBe(own)
    const other = `v1,${mac('other', body, 'base64')}`
    const signature = damaged(dice, pick(dice, [own, own, `${other} ${own}`, `v2,x ${own}`]))
    const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature }
    const theirs = succeeds(() => webhook.verify(body, headers, { jsonParse: false }))
    const ours = await outcome(schemes.standardWebhooks({ maxLeadMs: 300_000 }), [secret], sent({ body, headers }))
    // One malformed signature spoils the header for us, and only itself for them.
    const isOneSpoiled = theirs && ours === 'signature_malformed' && signature !== own && signature.includes(own)
    return { ours: ours === 'verified', theirs: theirs && !isOneSpoiled, what: { body, secret, headers, ours } }
  }),
)

it('agrees with stripe', { timeout }, () => {
  const { webhooks } = new Stripe('sk_test_123')
  return expectAgreement('stripe', async (dice) => {
    const [body, secret, timestamp] = [textOf(dice), `whsec_${word(dice)}`, secondsOf(dice)]
    const header = webhooks.generateTestHeaderString({ payload: body, secret, timestamp: Number(timestamp) })
    const own = `t=${timestamp},v1=${mac(secret, `${timestamp}.${body}`)}`
    expect(header).toBe(own)
    const other = mac('other', body)
    const signature = damaged(dice, pick(dice, [own, own, `${own},v1=${other}`, `${own},v0=${other}`]))
    const theirs = succeeds(() => webhooks.signature?.verifyHeader(body, signature, secret, 300))
    const ours = await outcome(schemes.stripe(), [secret], sent({ body, headers: { 'stripe-signature': signature } }))
    const isOneSpoiled = theirs && ours === 'signature_malformed' && signature !== own && signature.includes(own)
    return { ours: ours === 'verified', theirs: theirs && !isOneSpoiled, what: { body, secret, signature, ours } }
  })
})

it('agrees with twilio', { timeout }, () =>
  expectAgreement('twilio', async (dice) => {
    const secret = word(dice)
    const isJson = dice() < 0.4
    const body = isJson ? textOf(dice) : formOf(dice)
    const query = pick(dice, ['', '?a=1', '?name=O%27Brien', '?x=1+2&y=%F0%9F%98%8A', '?a=1&b=2&a=3'])
    const hashed = isJson
      ? `${query === '' ? '?' : `${query}&`}bodySHA256=${sha256(bytesOf(dice() < 0.9 ? body : 'other'))}`
      : query
    const url = `${pick(dice, ['https', 'http'])}://app.example${pick(dice, ['', ':443', ':8443'])}/hooks${hashed}`
    const signedUrl = pick(dice, [
      url,
      url,
      url.replace(/:\d+\//, '/'),
      url.replace('example/', 'example:443/'),
      url.replace('%27', "'"),
    ])
    const groups = Map.groupBy(new URLSearchParams(body), ([name]) => name)
    const params = Object.fromEntries([...groups].map(([name, pairs]) => [name, pairs.map(([, value]) => value)]))
    const own = mac(secret, isJson ? signedUrl : twilioText(signedUrl, bytesOf(body)), 'base64', 'sha1')
    expect(twilioSdk.getExpectedTwilioSignature(secret, signedUrl, isJson ? {} : params)).toBe(own)
    const signature = damaged(dice, own)
    const theirs = isJson
      ? twilioSdk.validateRequestWithBody(secret, signature, url, body)
      : twilioSdk.validateRequest(secret, signature, url, params)
    const headers = {
      'content-type': isJson ? 'application/json' : 'application/x-www-form-urlencoded',
      'x-twilio-signature': signature,
    }
    const ours = await outcome(schemes.twilio(), [secret], sent({ url, body, headers }))
    return { ours: ours === 'verified', theirs, what: { url, signedUrl, body, headers, ours } }
  }),
)

function formOf(dice: Dice): string {
  const fields = Array.from({ length: 1 + upTo(dice, 5) }, (): [string, string] => [
    pick(dice, ['Body', 'From', 'To', 'a', 'é', 'Z']),
    textOf(dice, 6),
  ])
  return new URLSearchParams(fields).toString()
}

it('agrees with @sendgrid/eventwebhook', { timeout }, () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  const vendor = new EventWebhook()
  const isStrict = (signature: string, signed: string): boolean => {
    const der = Buffer.from(signature, 'base64')
    return der.toString('base64') === signature && createVerify('sha256').update(signed).verify(publicKey, der)
  }
  const key = vendor.convertPublicKeyToECDSA(spki)
  return expectAgreement('@sendgrid/eventwebhook', async (dice) => {
    const [body, timestamp] = [`${textOf(dice)}\r\n`, String(NOW / 1000)]
    const own = signedBySendgrid(privateKey, timestamp, bytesOf(body))
    const signature = damaged(dice, own)
    const headers = {
      'x-twilio-email-event-webhook-signature': signature,
      'x-twilio-email-event-webhook-timestamp': timestamp,
    }
    const ours = await outcome(schemes.sendgrid(), [spki], sent({ body, headers }))
    let theirs = false
    succeeds(() => {
      theirs = vendor.verifySignature(key, body, signature, timestamp)
    })
    // Theirs accepts lengths, paddings and spare bits that DER and base64 do not allow, and that OpenSSL refuses as well.
    const isLenient = theirs && ours === 'signature_malformed' && !isStrict(signature, timestamp + body)
    return { ours: ours === 'verified', theirs: theirs && !isLenient, what: { body, headers, ours } }
  })
})
