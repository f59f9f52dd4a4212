import type { Connection } from '../connector/call.ts'
import { storeKey } from '../ports/store.ts'
import type { Store } from '../ports/store.ts'

/** What a revocation was about; absent means any. */
export interface RevocationScope {
  readonly tenant?: string | undefined
  readonly connection?: string | undefined
}

/** Longer than any consent that was under way then can take. */
const REMEMBERED_MS = 2 * 60 * 60_000
/** Neither a tenant nor a connection is called so. */
const ANY = ''

/**
 * Marks of revocations, so that a consent which was under way at the time does not complete afterwards: nobody knows which
 * there are, since the store finds each only by its state.
 */
export class RevocationMarks {
  readonly #store: Store
  readonly #group: string

  constructor(store: Store, group: string) {
    this.#store = store
    this.#group = group
  }

  /** @param at milliseconds since the epoch */
  async set({ tenant = ANY, connection = ANY }: RevocationScope, at: number): Promise<void> {
    await this.#store.put(this.#place(tenant, connection), String(at), { ttlMs: REMEMBERED_MS })
  }

  /** Whether the connection was revoked after `begunAt`, milliseconds since the epoch. */
  async isRevokedSince({ tenant = ANY, name }: Pick<Connection, 'tenant' | 'name'>, begunAt: number): Promise<boolean> {
    const places = [ANY, tenant].flatMap((who) => [this.#place(who, ANY), this.#place(who, name)])
    const marks = await Promise.all(places.map((place) => this.#store.get(place)))
    return marks.some((mark) => mark !== undefined && Number(mark.value) > begunAt)
  }

  #place(tenant: string, connection: string): string {
    return storeKey('revocation', this.#group, tenant, connection)
  }
}
