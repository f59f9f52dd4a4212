import { ConnectorError } from '../errors/connector-error.ts'
import { systemClock } from '../ports/clock.ts'
import type { Clock } from '../ports/clock.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import { assertStoreBatch } from '../ports/store-batch.ts'
import type { ListedEntry, Store, Stored } from '../ports/store.ts'
import { boundedKeyProvider, boundedStore } from '../resilience/bounded-store.ts'
import { keysInUse, RESERVED, RESERVED_END, keyOwnerOf } from './data-key-row.ts'
import type { KeyUse } from './data-key-row.ts'
import { createDataKeys } from './data-keys.ts'
import { localKeyring } from './local-keyring.ts'
import type { Keyring } from './local-keyring.ts'
import type { RotateKeysOptions, RotationReport } from './rotation.ts'
import { dataKeyGone, openValue, readSealed, sealValue } from './sealed-value.ts'
import type { SealedStore } from './sealed-value.ts'
import type { ShredReport } from './shred-tenant.ts'

export interface EncryptedOptions {
  /** A {@link Keyring}; one key, which gets the id `k1`; or a {@link KeyProvider}, such as one over a KMS. */
  readonly keys: Keyring | string | KeyProvider
  /**
   * Returns the tenant of a store key, whose data key encrypts the value, or undefined if it belongs to no tenant. It must
   * always return the same tenant for a key, or the value does not open.
   * @default the tenant of a connection
   */
  readonly tenantOf?: ((key: string) => string | undefined) | undefined
  /**
   * Milliseconds to cache an unwrapped data key, at most 3,600,000. For that time, another process may still use a key that
   * was revoked, rotated or shredded.
   * @default 300_000
   */
  readonly dataKeyTtlMs?: number | undefined
  readonly clock?: Clock | undefined
}

/** A {@link Store} that also manages the keys of its values. */
export interface EncryptedStore extends Store {
  /**
   * Moves everything to the current key-encryption key, and optionally to new data keys, while the store is in use.
   * @throws what the store throws; {@link ConnectorError} `MCP_CONNECTION_ERROR` or `CONFIGURATION_ERROR` if the current
   *   key cannot wrap. Completed work stays, and the next call continues from there.
   */
  rotateKeys(options?: RotateKeysOptions): Promise<RotationReport>
  /** Returns the key-encryption keys that the store still needs. Any other can be removed. */
  keysInUse(): Promise<readonly KeyUse[]>
  /**
   * Deletes a tenant's data keys, which makes all of its values unreadable at once, and then the values. Call it once the
   * tenant has stopped, and again if it was interrupted.
   */
  shredTenant(tenant: string): Promise<ShredReport>
}

const DEFAULT_TTL_MS = 300_000
/** Far below the day for which replaced data keys are kept, so that no process writes under a dropped one. */
const MAX_TTL_MS = 3_600_000

/**
 * Encrypts the values of another store with AES-256-GCM. Each tenant has its own data key, wrapped by a
 * {@link KeyProvider}. Store keys, versions, times to live and compare-and-swap are unchanged.
 *
 * A value is bound to its store key, tenant and data key, and does not open under any other. It is stored as
 * `v1.<data key>.<expiry>.<ciphertext>`: a third longer than the value, plus about seventy characters. The wrapped data
 * keys are in the same store, under keys that start with `datakey/`, which are neither listed nor accessible here.
 *
 * With a cached data key, `get` and `put` cost one AES-GCM operation and no further request. Each write uses a random
 * 96-bit IV. NIST SP 800-38D (section 8.3) allows 2^32 of them per key: more than a century at one write per second.
 *
 * @param inner holds the encrypted values
 * @throws {@link ConnectorError} `CONFIGURATION_ERROR` for a key that is weak, not 32 bytes or present twice; from `get`
 *   and `list`, for a value that does not open. `MCP_CONNECTION_ERROR` if the key provider is not available. No error
 *   contains a key, a value or a ciphertext.
 */
export function encrypted(inner: Store, options: EncryptedOptions): EncryptedStore {
  const { keys, tenantOf = tenantOfKey, dataKeyTtlMs: ttlMs = DEFAULT_TTL_MS, clock = systemClock } = options
  if (!(ttlMs >= 0 && ttlMs <= MAX_TTL_MS)) {
    throw new ConnectorError('CONFIGURATION_ERROR', `dataKeyTtlMs must be from 0 to ${MAX_TTL_MS}.`)
  }
  const store = boundedStore(inner, clock)
  const provider = isKeyProvider(keys) ? boundedKeyProvider(keys, clock) : localKeyring(keys)
  const dataKeys = createDataKeys({ store, provider, clock, ttlMs })
  const sealed: SealedStore = {
    store,
    provider,
    dataKeys,
    clock,
    ttlMs,
    bindingOf: (key) => ({ key, owner: keyOwnerOf(tenantOf(key)) }),
  }

  const openStored = async (key: string, { value, version }: Stored): Promise<Stored> => {
    const binding = sealed.bindingOf(key)
    const envelope = readSealed(binding, value)
    const dataKey = await dataKeys.find(binding.owner, envelope.dataKeyId)
    if (dataKey === undefined) throw dataKeyGone(key, envelope.dataKeyId)
    return { value: await openValue(binding, dataKey, envelope), version }
  }
  const seal = async (key: string, value: string, ttlMs: number | undefined): Promise<string> => {
    // UTF-8 cannot encode a lone surrogate, so another value would be read back.
    if (!value.isWellFormed()) throw illFormed()
    const binding = sealed.bindingOf(key)
    const dataKey = await dataKeys.toWrite(binding.owner)
    return sealValue(binding, dataKey, value, expiryOf(clock, ttlMs))
  }
  const batch = store.batch?.bind(store)
  const take = store.take?.bind(store)
  const close = store.close?.bind(store)

  return {
    async get(key) {
      assertNotReserved(key)
      const stored = await store.get(key)
      return stored && openStored(key, stored)
    },
    async put(key, value, conditions) {
      assertNotReserved(key)
      return store.put(key, await seal(key, value, conditions?.ttlMs), conditions)
    },
    async delete(key, conditions) {
      assertNotReserved(key)
      return store.delete(key, conditions)
    },
    async list(prefix, page) {
      assertNotReserved(prefix)
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
        // Skips all data keys in one step.
        next: next?.startsWith(RESERVED) === true ? RESERVED_END : next,
      }
    },
    async rotateKeys(how) {
      // Loaded on demand, because it is used rarely.
      const { rotateKeys } = await import('./rotation.ts')
      return rotateKeys(sealed, how)
    },
    async keysInUse() {
      return keysInUse(store)
    },
    async shredTenant(tenant) {
      const { shredTenant } = await import('./shred-tenant.ts')
      return shredTenant(sealed, tenant)
    },
    ...(batch && {
      async batch(writes) {
        assertStoreBatch(writes)
        for (const { key } of writes) assertNotReserved(key)
        return batch(
          await Promise.all(
            writes.map(async (write) =>
              'delete' in write ? write : { ...write, value: await seal(write.key, write.value, write.ttlMs) },
            ),
          ),
        )
      },
    }),
    ...(take && { take }),
    ...(close && { close }),
  }
}

const isKeyProvider = (keys: EncryptedOptions['keys'] | undefined): keys is KeyProvider =>
  typeof keys === 'object' && 'wrap' in keys && typeof keys.wrap === 'function'

/** The segment with the tenant, by the first segment of the key. */
const TENANT_SEGMENT = new Map([['connection', 2]])

/** Returns the tenant of a store key that this library made, or undefined if it has none. */
function tenantOfKey(key: string): string | undefined {
  const at = TENANT_SEGMENT.get(key.slice(0, Math.max(0, key.indexOf('/'))))
  if (at === undefined) return undefined
  try {
    // The app's own connection has an empty segment in place of a tenant.
    return decodeURIComponent(key.split('/')[at] ?? '') || undefined
  } catch {
    // Not a key of this library: its percent sign is no escape.
    return undefined
  }
}

/** Uses the wall clock, which processes share. */
const expiryOf = (clock: Clock, ttlMs: number | undefined): number | undefined =>
  ttlMs === undefined || !Number.isFinite(ttlMs) ? undefined : Math.ceil(clock.now() + ttlMs)

function assertNotReserved(key: string): void {
  if (!key.startsWith(RESERVED)) return
  throw new ConnectorError(
    'CONFIGURATION_ERROR',
    `Store keys that start with "${RESERVED}" are reserved for encrypted().`,
    { hint: 'Use another first segment.' },
  )
}

const illFormed = (): ConnectorError =>
  new ConnectorError('INVALID_INPUT', 'A store value must be well-formed Unicode.', {
    hint: 'Write JSON.stringify(value), which escapes lone surrogates.',
  })
