import type { Connection } from '../identity/connection.ts'
import { storeKey } from '../ports/store.ts'
import type { Store } from '../ports/store.ts'
import type { StoredGroup } from './connector-vault-context.ts'

/** The scope of a revocation; absent means any. */
export interface RevocationScope {
  readonly tenant?: string | undefined
  /** Only together with a tenant. */
  readonly connection?: string | undefined
}

/** The marks that existed at some moment. */
export type MarksSeen = readonly string[]

/** Longer than any authorization that had started then can take. */
const REMEMBERED_MS = 2 * 60 * 60_000
/** No tenant and no connection has this name. */
const ANY = ''
const NO_MARK = ''

/**
 * Marks of revocations, so that an authorization that had started does not complete afterwards. Started authorizations cannot
 * be listed, because the store finds each only by its state. Each records the marks that it saw, and is rejected once there
 * is another one. No clocks are compared.
 */
export class RevocationMarks {
  readonly #store: Store
  readonly #group: string

  constructor({ context, group }: StoredGroup) {
    this.#store = context.store
    this.#group = group
  }

  async set({ tenant = ANY, connection = ANY }: RevocationScope): Promise<void> {
    const mark = globalThis.crypto.randomUUID()
    await this.#store.put(this.#key(tenant, connection), mark, { ttlMs: REMEMBERED_MS })
  }

  /** Returns the marks that concern the connection now. */
  async seen({ tenant = ANY, name }: Pick<Connection, 'tenant' | 'name'>): Promise<MarksSeen> {
    const keys = [this.#key(ANY, ANY), this.#key(tenant, ANY), this.#key(tenant, name)]
    const marks = await Promise.all(keys.map((key) => this.#store.get(key)))
    return marks.map((mark) => mark?.value ?? NO_MARK)
  }

  /** Returns whether the connection was revoked after `seen` was read. */
  async isRevokedSince(connection: Pick<Connection, 'tenant' | 'name'>, seen: MarksSeen): Promise<boolean> {
    // A mark that is gone has only expired.
    return (await this.seen(connection)).some((mark, at) => mark !== NO_MARK && mark !== seen[at])
  }

  #key(tenant: string, connection: string): string {
    return storeKey('revocation', this.#group, tenant, connection)
  }
}
