import { open, seal } from './aes-gcm.ts'
import { toBase64Url } from './base64url.ts'
import { fromCanonicalBase64Url } from './canonical-base64url.ts'
import { isDataKeyId } from './data-key-row.ts'
import type { DataKey } from './data-keys.ts'
import type { Scope } from './key-scope.ts'
import { unreadable } from './unreadable.ts'

/**
 * How a value is stored: `v1.<data key>.<end>.<IV, ciphertext and tag>`. The end of a row with a time to live stands in
 * the clear, in milliseconds since the epoch, because no store says when a row will expire: without it a value that is
 * sealed anew would live for ever.
 */
export interface SealedValue {
  readonly dataKeyId: string
  readonly expiresAt: number | undefined
  readonly payload: string
}

/** Where a value stands. It opens nowhere else. */
export interface Place {
  /** The key of the store. */
  readonly key: string
  readonly scope: Scope
}

const FORMAT = 'v1'
const encoder = new TextEncoder()
// A byte order mark at the start of a value is part of the value.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Whether a stored text claims to be a sealed value at all, of this format or another. */
export const claimsToBeSealed = (text: string): boolean => /^v\d{1,4}\./.test(text)

/** @throws ConnectorError CONFIGURATION_ERROR if it is no sealed value */
export function readSealed({ key }: Place, text: string): SealedValue {
  const [format = '', dataKeyId = '', end = '', payload = '', ...rest] = text.split('.', 5)
  if (/^v\d{1,4}$/.test(format) && format !== FORMAT) {
    throw unreadable(
      key,
      `A stored value is in the format ${format}, which this version cannot read. Update @mcpclient/core.`,
    )
  }
  const isWhole = isDataKeyId(dataKeyId) && /^(?:[1-9]\d{0,15})?$/.test(end) && payload !== '' && rest.length === 0
  if (format !== FORMAT || !isWhole) {
    throw unreadable(
      key,
      'A stored value was not written by encrypted(): remove it, or write it again through encrypted().',
    )
  }
  return { dataKeyId, expiresAt: end === '' ? undefined : Number(end), payload }
}

export async function sealValue(
  place: Place,
  { id, key }: DataKey,
  value: string,
  expiresAt: number | undefined,
): Promise<string> {
  const sealed = await seal(key, encoder.encode(value), associated(place, id, expiresAt))
  return [FORMAT, id, expiresAt ?? '', toBase64Url(sealed)].join('.')
}

/** @throws ConnectorError CONFIGURATION_ERROR if it does not open here, under this key */
export async function openValue(place: Place, key: CryptoKey, sealed: SealedValue): Promise<string> {
  const { dataKeyId, expiresAt, payload } = sealed
  try {
    const bytes = fromCanonicalBase64Url(payload)
    if (bytes === undefined) throw new TypeError('not base64url')
    return decoder.decode(await open(key, bytes, associated(place, dataKeyId, expiresAt)))
  } catch (cause) {
    throw unreadable(
      place.key,
      `A stored value does not open under the data key "${dataKeyId}": the row was altered or moved. Restore it.`,
      cause,
    )
  }
}

const associated = ({ key, scope }: Place, dataKeyId: string, expiresAt: number | undefined): readonly string[] => [
  FORMAT,
  scope,
  dataKeyId,
  String(expiresAt ?? ''),
  key,
]
