import { ConnectorError } from '../errors/connector-error.ts'
import type { KeyContext, KeyProvider } from '../ports/key-provider.ts'
import { placed } from '../ports/store-failure.ts'
import { randomBytes } from './aes-gcm.ts'
import { newDataKeyId, rowKeyOf } from './data-key-row.ts'
import type { DataKeyEntry, KeyOwner } from './data-key-row.ts'

const DATA_KEY_BYTES = 32

/** Makes a data key, without storing it. */
export async function newDataKey(provider: KeyProvider, owner: KeyOwner, nowMs: number): Promise<DataKeyEntry> {
  return wrapDataKey(provider, owner, newDataKeyId(nowMs), randomBytes(DATA_KEY_BYTES))
}

/**
 * Wraps a data key under the current key-encryption key, and verifies that it unwraps. Otherwise a role that may encrypt
 * but not decrypt would go unnoticed until values are lost.
 */
export async function wrapDataKey(
  provider: KeyProvider,
  owner: KeyOwner,
  id: string,
  dataKey: Uint8Array<ArrayBuffer>,
): Promise<DataKeyEntry> {
  // A copy, because a provider may keep or change its arguments and results.
  const given = dataKey.slice()
  const { keyId, wrapped } = await request(owner, 'wrap', () => provider.wrap(given, contextOf(owner, id)))
  if (typeof keyId !== 'string' || keyId === '' || !(wrapped instanceof Uint8Array)) {
    throw new ConnectorError('CONFIGURATION_ERROR', 'wrap() of the key provider did not return { keyId, wrapped }.')
  }
  const entry = { id, keyId, wrapped: new Uint8Array(wrapped) }
  const back = await unwrapDataKey(provider, owner, entry)
  if (!back.every((byte, index) => byte === dataKey[index])) {
    throw new ConnectorError(
      'CONFIGURATION_ERROR',
      'unwrap() of the key provider did not return the wrapped data key.',
      { hint: 'Correct the key provider. Nothing was written.' },
    )
  }
  return entry
}

export async function unwrapDataKey(
  provider: KeyProvider,
  owner: KeyOwner,
  { id, keyId, wrapped }: DataKeyEntry,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await request(owner, 'unwrap', () =>
    provider.unwrap({ keyId, wrapped: wrapped.slice() }, contextOf(owner, id)),
  )
  if (!(bytes instanceof Uint8Array) || bytes.length !== DATA_KEY_BYTES) {
    throw new ConnectorError('CONFIGURATION_ERROR', 'unwrap() of the key provider did not return 32 bytes.')
  }
  return new Uint8Array(bytes)
}

/** Returns the id of the current key-encryption key, and verifies that it works. */
export const currentKeyId = async (provider: KeyProvider): Promise<string> =>
  (await wrapDataKey(provider, 'shared', 'probe', randomBytes(DATA_KEY_BYTES))).keyId

const contextOf = (owner: KeyOwner, dataKey: string): KeyContext => ({ purpose: '@mcpclient data key', owner, dataKey })

async function request<Result>(
  owner: KeyOwner,
  operation: 'wrap' | 'unwrap',
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run()
  } catch (cause) {
    if (ConnectorError.is(cause)) {
      throw new ConnectorError(cause.code, cause.message, cause.details, { cause: placed(rowKeyOf(owner), cause) })
    }
    throw new ConnectorError(
      'MCP_CONNECTION_ERROR',
      `The key provider failed to ${operation} a data key.`,
      {
        outcome: 'not_processed',
        hint: `Check with causeOf(error) why: the key must be enabled, and this process must be allowed to ${operation}.`,
      },
      { cause: placed(rowKeyOf(owner), cause) },
    )
  }
}
