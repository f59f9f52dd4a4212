import { Buffer } from 'node:buffer'
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { sendgrid } from '../src/schemes.ts'
import { derToRaw } from '../src/verification/der.ts'
import { bytesOf, NOW, outcome, sent, signedBySendgrid } from './sent.ts'

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
const timestamp = String(NOW / 1000)
const BODY = '[{"event":"open"}]\r\n'

const request = (signature: string, body = BODY) =>
  sent({
    body,
    headers: {
      'x-twilio-email-event-webhook-signature': signature,
      'x-twilio-email-event-webhook-timestamp': timestamp,
    },
  })
const judge = (signature: string | Uint8Array, body = BODY): Promise<string> =>
  outcome(
    sendgrid(),
    [spki],
    request(typeof signature === 'string' ? signature : Buffer.from(signature).toString('base64'), body),
  )

const signed = (): Buffer => Buffer.from(signedBySendgrid(privateKey, timestamp, bytesOf(BODY)), 'base64')

/** Returns the two integers of a signature, as their bytes in DER. */
function integers(der: Buffer): readonly [Buffer, Buffer] {
  const length = der[3] ?? 0
  return [der.subarray(4, 4 + length), der.subarray(6 + length)]
}
const der = (r: Uint8Array, s: Uint8Array, after: readonly number[] = []): Buffer => {
  const content = Buffer.concat([Buffer.from([2, r.length]), r, Buffer.from([2, s.length]), s])
  return Buffer.concat([Buffer.from([0x30, content.length]), content, Buffer.from(after)])
}

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const toInteger = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
function toDerInteger(value: bigint): Buffer {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
  return (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.from([0]), bytes]) : bytes
}

describe('W21: a signature in DER', () => {
  it('verifies for integers of every length', async () => {
    const wanted = [31, 32, 33]
    const lengths = new Set<number>()
    // One integer in 512 has 31 bytes: the bound is far beyond bad luck.
    for (let round = 0; round < 20_000 && !wanted.every((length) => lengths.has(length)); round++) {
      const signature = signed()
      const [r, s] = integers(signature)
      lengths.add(r.length).add(s.length)
      expect(await judge(signature)).toBe('verified')
    }
    // 33 bytes begin with the zero that keeps an integer positive; 31 need one in front.
    for (const length of wanted) expect(lengths).toContain(length)
  })

  it('verifies with s above half of the order, and below it', async () => {
    const [r, s] = integers(signed())
    const mirrored = toDerInteger(ORDER - toInteger(s))
    expect(await judge(der(r, s))).toBe('verified')
    expect(await judge(der(r, mirrored))).toBe('verified')
    expect(toInteger(s) > ORDER / 2n !== toInteger(mirrored) > ORDER / 2n).toBe(true)
  })

  it('is refused in any other encoding of the same integers', async () => {
    const [r, s] = integers(signed())
    const zero = Buffer.from([0])
    const padded = (bytes: Uint8Array) => Buffer.concat([zero, bytes])
    const strict = der(r, s)
    const others = [
      der(r, s, [0]),
      der(padded(r), s),
      der(r, padded(s)),
      Buffer.concat([Buffer.from([0x30, 0x81]), strict.subarray(1)]),
      Buffer.concat([Buffer.from([0x30, 0x80]), strict.subarray(2), Buffer.from([0, 0])]),
      Buffer.concat([Buffer.from([0x31]), strict.subarray(1)]),
      strict.subarray(0, -1),
      Buffer.concat([strict.subarray(0, 1), Buffer.from([(strict[1] ?? 0) + 1]), strict.subarray(2), zero]),
      Buffer.concat([toDerInteger(toInteger(r)), toDerInteger(toInteger(s))]),
    ]
    for (const other of others) expect(await judge(other)).toBe('signature_malformed')
  })

  it('is refused with a negative, a zero, or an integer beyond the order', async () => {
    const [r, s] = integers(signed())
    const negative = s.length === 33 ? s.subarray(1) : Buffer.from([0x80, ...s.subarray(1)])
    expect(await judge(der(r, negative))).toBe('signature_malformed')
    expect(await judge(der(r, Buffer.alloc(0)))).toBe('signature_malformed')
    expect(await judge(der(r, Buffer.from([0])))).toBe('signature_mismatch')
    expect(await judge(der(Buffer.from([0]), s))).toBe('signature_mismatch')
    expect(await judge(der(r, toDerInteger(ORDER)))).toBe('signature_mismatch')
    const beyond = toInteger(s) + ORDER
    expect(await judge(der(r, toDerInteger(beyond)))).toMatch(/^signature_m/)
    expect(await judge(der(r, Buffer.concat([Buffer.from([1]), s])))).toBe('signature_malformed')
  })

  it('covers the line break at the end of the body', async () => {
    const signature = signed()
    for (const body of [BODY.trimEnd(), BODY.replace('\r\n', '\n'), `${BODY}\r\n`]) {
      expect(await judge(signature, body)).toBe('signature_mismatch')
    }
  })

  it('never throws for short inputs', () => {
    for (let length = 0; length < 80; length++) {
      for (const byte of [0, 0x02, 0x30, 0x7f, 0xff])
        expect(derToRaw(new Uint8Array(length).fill(byte), 32)).toBeUndefined()
    }
    expect(derToRaw(Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1), 32)).toHaveLength(64)
  })
})

describe('a public key', () => {
  it('is accepted as base64 and as PEM', async () => {
    const signature = signed().toString('base64')
    for (const secret of [spki, pem]) expect(await outcome(sendgrid(), [secret], request(signature))).toBe('verified')
  })

  it('is refused if it is of another kind', async () => {
    const signature = signed().toString('base64')
    const { publicKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const { publicKey: p384 } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
    const offCurve = Buffer.from(spki, 'base64').fill(1, 40).toString('base64')
    const others = [rsa, p384].map((key) => key.export({ type: 'spki', format: 'der' }).toString('base64'))
    for (const secret of ['', 'x', ...others]) {
      expect(sendgrid().secretFault?.(secret)).toContain('P-256')
      expect(await outcome(sendgrid(), [secret], request(signature))).toBe('secret_unusable')
    }
    expect(await outcome(sendgrid(), [offCurve], request(signature))).toBe('secret_unusable')
    expect(await outcome(sendgrid(), [offCurve, spki], request(signature))).toBe('verified')
  })
})
