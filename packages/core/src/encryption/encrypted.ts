import { ConnectorError } from '../errors/connector-error.ts'
import { systemClock } from '../ports/clock.ts'
import type { Clock } from '../ports/clock.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import type { ListedEntry, Store, Stored } from '../ports/store.ts'
import { RESERVED, RESERVED_END } from './data-key-row.ts'
import { createDataKeys } from './data-keys.ts'
import { scopeOf, tenantOfKey } from './key-scope.ts'
import { localKeyring } from './local-keyring.ts'
import type { Keyring } from './local-keyring.ts'
import type { KeyUse } from './keys-in-use.ts'
import type { RotateKeysOptions } from './rotate-keys.ts'
import type { RotationReport } from './rotation.ts'
import type { SealedStore } from './sealed-store.ts'
import { openValue, readSealed, sealValue } from './sealed-value.ts'
import type { ShredReport } from './shred-tenant.ts'
import { dataKeyGone } from './unreadable.ts'

export interface EncryptedOptions {
  /** A {@link Keyring}; one key, which is then named `k1`; or a {@link KeyProvider}, such as one over a KMS. */
  readonly keys: Keyring | string | KeyProvider
  /**
   * The tenant that a key of the store speaks of, and so whose data key its value is under; undefined for what belongs
   * to no tenant. Default: the tenant of a connection. It must answer the same for ever: under another answer a value
   * does not open.
   */
  readonly tenantOf?: ((key: string) => string | undefined) | undefined
  /**
   * Milliseconds for which an unwrapped data key is used before the key provider is asked again; default 300,000 (five
   * minutes), at most 3,600,000. As long may another process go on after a key was revoked, rotated or shredded.
   */
  readonly dataKeyTtlMs?: number | undefined
  readonly clock?: Clock | undefined
}

/** A {@link Store} that also looks after the keys of what it holds. */
export interface EncryptedStore extends Store {
  /**
   * Moves everything to the current key-encryption key, and on demand to new data keys, while the store is in use.
   * @throws what the store throws; {@link ConnectorError} `MCP_CONNECTION_ERROR` or `CONFIGURATION_ERROR` if the current
   *   key cannot wrap. What was done until then stays, and the next call goes on from there.
   */
  rotateKeys(options?: RotateKeysOptions): Promise<RotationReport>
  /** The key-encryption keys that the store still needs. One that is not among them can be taken away. */
  keysInUse(): Promise<readonly KeyUse[]>
  /**
   * Deletes a tenant's data keys first, which makes all of its values unreadable at once, then the values. Do it after
   * the tenant has stopped; call it again if it was interrupted.
   */
  shredTenant(tenant: string): Promise<ShredReport>
}

const DEFAULT_TTL_MS = 300_000
/** Retired data keys are kept a day: whoever still writes under one must be long past it. */
const LONGEST_TTL_MS = 3_600_000

/**
 * A {@link Store} whose values are unreadable without the keys: AES-256-GCM over another store, each tenant's values
 * under a data key of its own, and the data keys wrapped by a {@link KeyProvider}. Keys of the store, its versions and
 * its times to live stay as they are, and so does everything that stands on compare-and-swap.
 *
 * A value is bound to its place: under another key of the store, tenant or data key it does not open. What is written is
 * text, `v1.<data key>.<end>.<ciphertext>`: a third longer than the value, plus about seventy characters. The wrapped
 * data keys lie in the same store, under keys that begin with `datakey/`: those are neither listed nor reachable here.
 *
 * With the data key at hand, `get` and `put` cost one AES-GCM operation and no other request. Each write draws a random
 * 96-bit IV; NIST SP 800-38D (section 8.3) allows one key 2^32 of them, more than a century at one write a second.
 *
 * @param store where the unreadable values go
 * @throws {@link ConnectorError} `CONFIGURATION_ERROR` at once for a key that is weak, not 32 bytes or there twice;
 *   later, from `get` and `list`, for a value that does not open; `MCP_CONNECTION_ERROR` where the key provider did not
 *   answer. None of them holds a key, a value or a ciphertext.
 */
export function encrypted(store: Store, options: EncryptedOptions): EncryptedStore {
  const { keys, tenantOf = tenantOfKey, dataKeyTtlMs: ttlMs = DEFAULT_TTL_MS, clock = systemClock } = options
  if (!(ttlMs >= 0 && ttlMs <= LONGEST_TTL_MS)) {
    throw new ConnectorError('CONFIGURATION_ERROR', `dataKeyTtlMs must be from 0 to ${LONGEST_TTL_MS}.`)
  }
  const provider = isKeyProvider(keys) ? keys : localKeyring(keys)
  const dataKeys = createDataKeys({ store, provider, clock, ttlMs })
  const sealed: SealedStore = {
    store,
    provider,
    dataKeys,
    clock,
    ttlMs,
    placeOf: (key) => ({ key, scope: scopeOf(tenantOf(key)) }),
  }

  const openStored = async (key: string, { value, version }: Stored): Promise<Stored> => {
    const place = sealed.placeOf(key)
    const envelope = readSealed(place, value)
    const dataKey = await dataKeys.find(place.scope, envelope.dataKeyId)
    if (dataKey === undefined) throw dataKeyGone(key, envelope.dataKeyId)
    return { value: await openValue(place, dataKey, envelope), version }
  }
  const take = store.take?.bind(store)
  const close = store.close?.bind(store)

  return {
    async get(key) {
      mustNotBeReserved(key)
      const stored = await store.get(key)
      return stored && openStored(key, stored)
    },
    async put(key, value, conditions) {
      mustNotBeReserved(key)
      // UTF-8 has no bytes for half a pair, and something else would come back.
      if (!value.isWellFormed()) throw illFormed()
      const place = sealed.placeOf(key)
      const dataKey = await dataKeys.toWrite(place.scope)
      const expiresAt = endOf(clock, conditions?.ttlMs)
      return store.put(key, await sealValue(place, dataKey, value, expiresAt), conditions)
    },
    async delete(key, conditions) {
      mustNotBeReserved(key)
      return store.delete(key, conditions)
    },
    async list(prefix, page) {
      mustNotBeReserved(prefix)
      const { entries, next } = await store.list(prefix, page)
      const visible = entries.filter(({ key }) => !key.startsWith(RESERVED))
      const opened = visible.map(async (entry): Promise<ListedEntry> => {
        const { key, version } = entry
        try {
          return { key, ...(await openStored(key, entry)) }
        } catch (error) {
          if (page?.reportUnreadable !== true) throw error
          return {
            key,
            value: '',
            version,
            error: error instanceof Error ? error : new Error('unknown', { cause: error }),
          }
        }
      })
      return {
        entries: await Promise.all(opened),
        // Past all of the data keys in one step, not page by page.
        next: next?.startsWith(RESERVED) === true ? RESERVED_END : next,
      }
    },
    async rotateKeys(how) {
      // Once a year: no host should have to load it before.
      const { rotateKeys } = await import('./rotate-keys.ts')
      return rotateKeys(sealed, how)
    },
    async keysInUse() {
      const { keysInUse } = await import('./keys-in-use.ts')
      return keysInUse(store)
    },
    async shredTenant(tenant) {
      const { shredTenant } = await import('./shred-tenant.ts')
      return shredTenant(sealed, tenant)
    },
    ...(take && { take }),
    ...(close && { close }),
  }
}

const isKeyProvider = (keys: EncryptedOptions['keys'] | undefined): keys is KeyProvider =>
  typeof keys === 'object' && 'wrap' in keys && typeof keys.wrap === 'function'

/** On the wall clock, which processes share. */
const endOf = (clock: Clock, ttlMs: number | undefined): number | undefined =>
  ttlMs === undefined || !Number.isFinite(ttlMs) ? undefined : Math.ceil(clock.now() + ttlMs)

function mustNotBeReserved(key: string): void {
  if (!key.startsWith(RESERVED)) return
  throw new ConnectorError(
    'CONFIGURATION_ERROR',
    `Keys that begin with "${RESERVED}" hold the data keys of encrypted(). Use another first segment.`,
  )
}

const illFormed = (): ConnectorError =>
  new ConnectorError('INVALID_INPUT', 'A value of a store is well-formed text.', {
    hint: 'Put JSON.stringify(value), which escapes what is not.',
  })
