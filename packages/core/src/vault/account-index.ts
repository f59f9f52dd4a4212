import { toBase64Url } from '../encoding/base64.ts'
import type { Connection } from '../identity/connection.ts'
import { keySegments, listAll, storeKey } from '../ports/store.ts'
import type { Store } from '../ports/store.ts'
import type { StoredGroup } from './connector-vault-context.ts'

/**
 * Finds the connections of a provider's account, for a webhook that names only the account. A row may outlive its
 * connection, so a reader compares it with the connection. Rows hold a digest of the account's id, which may be an e-mail
 * address.
 */
class AccountIndex {
  readonly #store: Store
  readonly #group: string

  constructor({ context, group }: StoredGroup) {
    this.#store = context.store
    this.#group = group
  }

  async add(accountId: string, connection: Connection): Promise<void> {
    await this.#store.put(await this.#key(accountId, connection.tenant ?? '', connection.name), '')
  }

  async remove(accountId: string, { tenant = '', name }: Pick<Connection, 'tenant' | 'name'>): Promise<void> {
    await this.#store.delete(await this.#key(accountId, tenant, name))
  }

  /** Yields the tenants and names of the connections that were made to an account. */
  async *find(accountId: string): AsyncGenerator<{ readonly tenant: string; readonly name: string }> {
    for await (const { key } of listAll(this.#store, `${await this.#key(accountId)}/`)) {
      const [, , , tenant = '', name = ''] = keySegments(key)
      yield { tenant, name }
    }
  }

  async #key(accountId: string, ...connection: readonly string[]): Promise<string> {
    const digest = await globalThis.crypto.subtle.digest('SHA-256', new TextEncoder().encode(accountId))
    return storeKey('account', this.#group, toBase64Url(new Uint8Array(digest)), ...connection)
  }
}

/** Returns the index of a connector; undefined if it has no webhook, which would need it. */
export const accountIndexOf = (stored: StoredGroup): AccountIndex | undefined =>
  stored.context.composed.connector.webhook && new AccountIndex(stored)
