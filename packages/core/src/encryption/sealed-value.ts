import { fromCanonicalBase64Url, toBase64Url } from '../encoding/base64.ts'
import type { ConnectorError } from '../errors/connector-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import { unreadable } from '../ports/store-failure.ts'
import type { Store } from '../ports/store.ts'
import { open, seal } from './aes-gcm.ts'
import { isDataKeyId } from './data-key-row.ts'
import type { KeyOwner } from './data-key-row.ts'
import type { DataKey, DataKeys } from './data-keys.ts'

/** The binding of a sealed value, which does not open under any other store key or owner. */
export interface Binding {
  /** The store key. */
  readonly key: string
  readonly owner: KeyOwner
}

/** The parts of an encrypted store, for the operations on its keys. */
export interface SealedStore {
  /** The store that holds the sealed values. */
  readonly store: Store
  readonly provider: KeyProvider
  readonly dataKeys: DataKeys
  readonly clock: Clock
  /** Milliseconds for which a data key is cached. */
  readonly ttlMs: number
  bindingOf(key: string): Binding
}

/**
 * A stored value, parsed: `v1.<data key>.<expiry>.<IV, ciphertext and tag>`. The expiry of a row with a time to live is
 * in plain text, in milliseconds since the epoch, because stores do not return it: without it, a value that is sealed
 * again would never expire.
 */
export interface SealedValue {
  readonly dataKeyId: string
  readonly expiresAt: number | undefined
  readonly payload: string
}

const FORMAT = 'v1'
const encoder = new TextEncoder()
// A byte order mark at the start of a value is part of the value.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Returns whether a stored string looks like a sealed value, of this format or another. */
export const claimsToBeSealed = (text: string): boolean => /^v\d{1,4}\./.test(text)

/**
 * Parses a stored value.
 * @throws ConnectorError CONFIGURATION_ERROR if it is not a sealed value
 */
export function readSealed({ key }: Binding, text: string): SealedValue {
  const [format = '', dataKeyId = '', expiry = '', payload = '', ...rest] = text.split('.', 5)
  if (/^v\d{1,4}$/.test(format) && format !== FORMAT) {
    throw unreadable(
      key,
      `A stored value has the format ${format}, which this version cannot read. Update @mcpclient/core.`,
    )
  }
  const isWhole = isDataKeyId(dataKeyId) && /^(?:[1-9]\d{0,15})?$/.test(expiry) && payload !== '' && rest.length === 0
  if (format !== FORMAT || !isWhole) {
    throw unreadable(
      key,
      'A stored value was not written by encrypted(). Remove it, or write it again through encrypted().',
    )
  }
  return { dataKeyId, expiresAt: expiry === '' ? undefined : Number(expiry), payload }
}

export async function sealValue(
  binding: Binding,
  { id, key }: DataKey,
  value: string,
  expiresAt: number | undefined,
): Promise<string> {
  const sealed = await seal(key, encoder.encode(value), associated(binding, id, expiresAt))
  return [FORMAT, id, expiresAt ?? '', toBase64Url(sealed)].join('.')
}

/**
 * Decrypts a value.
 * @throws ConnectorError CONFIGURATION_ERROR if it does not open with this binding and key
 */
export async function openValue(binding: Binding, key: CryptoKey, sealed: SealedValue): Promise<string> {
  const { dataKeyId, expiresAt, payload } = sealed
  try {
    const bytes = fromCanonicalBase64Url(payload)
    if (bytes === undefined) throw new TypeError('not base64url')
    return decoder.decode(await open(key, bytes, associated(binding, dataKeyId, expiresAt)))
  } catch (cause) {
    throw unreadable(
      binding.key,
      `A stored value does not open under the data key "${dataKeyId}": the row was altered or moved. Restore it.`,
      cause,
    )
  }
}

/** Makes the error of a value whose data key does not exist. */
export const dataKeyGone = (key: string, dataKeyId: string): ConnectorError =>
  unreadable(
    key,
    `The data key "${dataKeyId}" of a stored value does not exist: its tenant was shredded, its row was lost, or ` +
      `tenantOf has changed. Restore the row, or delete the value.`,
  )

const associated = ({ key, owner }: Binding, dataKeyId: string, expiresAt: number | undefined): readonly string[] => [
  FORMAT,
  owner,
  dataKeyId,
  String(expiresAt ?? ''),
  key,
]
