import { createFakeClock } from '@mcpclient/testing'
import { encrypted } from '../../src/encryption/encrypted.ts'
import type { EncryptedStore } from '../../src/encryption/encrypted.ts'
import type { Keyring } from '../../src/encryption/local-keyring.ts'
import { memoryStore } from '../../src/ports/memory-store.ts'
import { listAll } from '../../src/ports/store.ts'
import type { Store } from '../../src/ports/store.ts'
import { newKey } from './fake-kms.ts'

export const [first, second, third] = [newKey(), newKey(), newKey()]
export const tenantOf = (key: string): string | undefined => (key.startsWith('t') ? key.split('/')[0] : undefined)
export const oldKeys: Keyring = { current: 'k1', keys: { k1: first } }
export const bothKeys: Keyring = { current: 'k2', keys: { k1: first, k2: second } }
export const newKeys: Keyring = { current: 'k2', keys: { k2: second } }
export const DAY_MS = 86_400_000

/** Returns a store with values of several tenants and of none, under the old keys. */
export const filledStore = (options: { readonly rows?: number; readonly tenants?: number } = {}) => {
  const { rows = 12, tenants = 3 } = options
  const clock = createFakeClock()
  const store = memoryStore({ clock })
  const open = (keys: Keyring = bothKeys, over: Store = store): EncryptedStore =>
    encrypted(over, { keys, tenantOf, clock })
  const keyOf = (row: number): string => `t${row % tenants}/${String(row).padStart(3, '0')}`
  const keys = Array.from({ length: rows }, (_, row) => keyOf(row))
  const fill = async (safe = open(oldKeys)): Promise<void> => {
    for (const key of [...keys, 'other']) await safe.put(key, `value of ${key}`)
  }
  /** Returns all values as a new process reads them. */
  const readAll = async (with_: Keyring = newKeys): Promise<ReadonlyMap<string, string>> => {
    const found = new Map<string, string>()
    for await (const { key, value } of listAll(open(with_), '')) found.set(key, value)
    return found
  }
  const asFilled = new Map([...keys, 'other'].map((key) => [key, `value of ${key}`]))
  return { clock, store, open, keys, fill, readAll, asFilled }
}

interface DataKeyRow {
  readonly keys: readonly { readonly id: string; readonly keyId: string }[]
}

export const dataKeysIn = async (store: Store, place: string): Promise<DataKeyRow['keys']> =>
  (JSON.parse((await store.get(`datakey/${place}`))?.value ?? '{"keys":[]}') as DataKeyRow).keys

const dataKeyOf = async (store: Store, key: string): Promise<string | undefined> =>
  (await store.get(key))?.value.split('.')[1]

/** Returns whether every value is encrypted with its tenant's newest data key. */
export const allAreNewest = async (store: Store, keys: readonly string[]): Promise<boolean> => {
  for (const key of keys) {
    const owner = tenantOf(key) === undefined ? 'shared' : `tenant/${tenantOf(key)}`
    if ((await dataKeysIn(store, owner)).at(-1)?.id !== (await dataKeyOf(store, key))) return false
  }
  return true
}

export const keysIn = async (safe: EncryptedStore): Promise<readonly string[]> =>
  (await safe.keysInUse()).map(({ keyId, dataKeys }) => `${keyId}: ${dataKeys}`)
