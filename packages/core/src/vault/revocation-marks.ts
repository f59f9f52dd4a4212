import type { Connection } from '../identity/connection.ts'
import { storeKey } from '../ports/store.ts'
import type { Store } from '../ports/store.ts'

/** What a revocation was about; absent means any. */
export interface RevocationScope {
  readonly tenant?: string | undefined
  /** Only together with a tenant. */
  readonly connection?: string | undefined
}

/** The marks that there were at some moment. */
export type MarksSeen = readonly string[]

/** Longer than any consent that was under way then can take. */
const REMEMBERED_MS = 2 * 60 * 60_000
/** Neither a tenant nor a connection is called so. */
const ANY = ''
const NO_MARK = ''

/**
 * Marks of revocations, so that a consent which was under way at the time does not complete afterwards: nobody knows which
 * there are, since the store finds each only by its state. What was begun remembers the marks that it saw, and is over
 * once there is another one: the clocks of two processes have no say in it.
 */
export class RevocationMarks {
  readonly #store: Store
  readonly #group: string

  constructor(store: Store, group: string) {
    this.#store = store
    this.#group = group
  }

  async set({ tenant = ANY, connection = ANY }: RevocationScope): Promise<void> {
    const mark = globalThis.crypto.randomUUID()
    await this.#store.put(this.#key(tenant, connection), mark, { ttlMs: REMEMBERED_MS })
  }

  /** The marks that speak of the connection now. */
  async seen({ tenant = ANY, name }: Pick<Connection, 'tenant' | 'name'>): Promise<MarksSeen> {
    const keys = [this.#key(ANY, ANY), this.#key(tenant, ANY), this.#key(tenant, name)]
    const marks = await Promise.all(keys.map((key) => this.#store.get(key)))
    return marks.map((mark) => mark?.value ?? NO_MARK)
  }

  /** Whether the connection was revoked after `seen` were all the marks. */
  async isRevokedSince(connection: Pick<Connection, 'tenant' | 'name'>, seen: MarksSeen): Promise<boolean> {
    // One that is gone has only run out.
    return (await this.seen(connection)).some((mark, at) => mark !== NO_MARK && mark !== seen[at])
  }

  #key(tenant: string, connection: string): string {
    return storeKey('revocation', this.#group, tenant, connection)
  }
}
