import { webcrypto } from 'node:crypto'

/** A certificate of X.509 (RFC 5280) in DER needs these few types (ITU-T X.690). */
const SEQUENCE = 0x30
const SET = 0x31
const INTEGER = 0x02
const BIT_STRING = 0x03
const OBJECT_ID = 0x06
const UTF8 = 0x0c
const UTC_TIME = 0x17

function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(content)
  const { length } = body
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Uint8Array.from([tag, ...size]), body])
}

const hex = (text: string): Uint8Array => Buffer.from(text, 'hex')
const text = (value: string): Uint8Array => Buffer.from(value)

const ECDSA_WITH_SHA256 = der(SEQUENCE, der(OBJECT_ID, hex('2a8648ce3d040302')))
const COMMON_NAME = der(OBJECT_ID, hex('550403'))

/** Encodes an ASN.1 integer. It is signed, so a high first bit needs a leading zero. */
function integer(bytes: Uint8Array): Uint8Array {
  let start = 0
  while (start < bytes.byteLength - 1 && bytes[start] === 0) start++
  const body = bytes.subarray(start)
  return der(INTEGER, ...((body[0] ?? 0) >= 0x80 ? [Uint8Array.of(0), body] : [body]))
}

const pem = (label: string, bytes: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(bytes)
    .toString('base64')
    .replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`

/** Makes a key and a certificate for it that no client trusts. */
export async function selfSigned(name: string): Promise<{ readonly key: string; readonly cert: string }> {
  const { subtle } = webcrypto
  const curve = { name: 'ECDSA', namedCurve: 'P-256' }
  const { publicKey, privateKey } = await subtle.generateKey(curve, true, ['sign', 'verify'])
  const subject = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8, text(name)))))
  const validity = der(SEQUENCE, der(UTC_TIME, text('200101000000Z')), der(UTC_TIME, text('491231235959Z')))
  const content = der(
    SEQUENCE,
    integer(Uint8Array.of(1)),
    ECDSA_WITH_SHA256,
    subject,
    validity,
    subject,
    new Uint8Array(await subtle.exportKey('spki', publicKey)),
  )
  const signature = new Uint8Array(
    await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, new Uint8Array(content)),
  )
  const half = signature.byteLength / 2
  const signed = der(SEQUENCE, integer(signature.subarray(0, half)), integer(signature.subarray(half)))
  const certificate = der(SEQUENCE, content, ECDSA_WITH_SHA256, der(BIT_STRING, Uint8Array.of(0), signed))
  return {
    key: pem('PRIVATE KEY', new Uint8Array(await subtle.exportKey('pkcs8', privateKey))),
    cert: pem('CERTIFICATE', certificate),
  }
}
