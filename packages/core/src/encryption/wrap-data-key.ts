import { ConnectorError } from '../errors/connector-error.ts'
import type { KeyContext, KeyProvider } from '../ports/key-provider.ts'
import type { DataKeyEntry } from './data-key-row.ts'
import { newDataKeyId, placeOf } from './data-key-row.ts'
import type { Scope } from './key-scope.ts'
import { placed } from './unreadable.ts'
import { randomBytes } from './web-crypto.ts'

const DATA_KEY_BYTES = 32

/** A data key that is stored nowhere yet. */
export async function newDataKey(provider: KeyProvider, scope: Scope, nowMs: number): Promise<DataKeyEntry> {
  return wrapDataKey(provider, scope, newDataKeyId(nowMs), randomBytes(DATA_KEY_BYTES))
}

/**
 * Wraps a data key under the current key-encryption key, and makes sure that it can be had back: a role that may
 * encrypt and not decrypt would otherwise be noticed when the first values are lost.
 */
export async function wrapDataKey(
  provider: KeyProvider,
  scope: Scope,
  id: string,
  dataKey: Uint8Array<ArrayBuffer>,
): Promise<DataKeyEntry> {
  // Its own copy: a provider may keep what it is given, and what it hands out.
  const given = dataKey.slice()
  const { keyId, wrapped } = await asked(scope, 'wrap', () => provider.wrap(given, contextOf(scope, id)))
  if (typeof keyId !== 'string' || keyId === '' || !(wrapped instanceof Uint8Array)) {
    throw new ConnectorError('CONFIGURATION_ERROR', 'wrap() of the key provider answered no { keyId, wrapped }.')
  }
  const entry = { id, keyId, wrapped: new Uint8Array(wrapped) }
  const back = await unwrapDataKey(provider, scope, entry)
  if (!back.every((byte, index) => byte === dataKey[index])) {
    throw new ConnectorError(
      'CONFIGURATION_ERROR',
      'unwrap() of the key provider answered another data key than wrap() was given. Nothing was written.',
    )
  }
  return entry
}

export async function unwrapDataKey(
  provider: KeyProvider,
  scope: Scope,
  { id, keyId, wrapped }: DataKeyEntry,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await asked(scope, 'unwrap', () =>
    provider.unwrap({ keyId, wrapped: wrapped.slice() }, contextOf(scope, id)),
  )
  if (!(bytes instanceof Uint8Array) || bytes.length !== DATA_KEY_BYTES) {
    throw new ConnectorError('CONFIGURATION_ERROR', 'unwrap() of the key provider did not answer 32 bytes.')
  }
  return new Uint8Array(bytes)
}

/** The id of the key that the provider wraps under now; finds out on the way whether it works. */
export const currentKeyId = async (provider: KeyProvider): Promise<string> =>
  (await wrapDataKey(provider, 'shared', 'probe', randomBytes(DATA_KEY_BYTES))).keyId

const contextOf = (scope: Scope, dataKey: string): KeyContext => ({ purpose: '@mcpclient data key', scope, dataKey })

async function asked<Answer>(scope: Scope, what: 'wrap' | 'unwrap', ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (cause) {
    if (ConnectorError.is(cause)) {
      throw new ConnectorError(cause.code, cause.message, cause.details, { cause: placed(placeOf(scope), cause) })
    }
    throw new ConnectorError(
      'MCP_CONNECTION_ERROR',
      `The key provider did not ${what} a data key.`,
      {
        outcome: 'not_processed',
        hint: `Look at what it threw, with causeOf(error): may this process ${what} with that key, and is it enabled?`,
      },
      { cause: placed(placeOf(scope), cause) },
    )
  }
}
