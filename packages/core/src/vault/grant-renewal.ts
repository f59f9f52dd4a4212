import type { Connection } from '../identity/connection.ts'
import type { ConnectionRecord } from './connection-record.ts'
import type { StoredGroup } from './connector-vault-context.ts'
import type { ConnectorRenewals } from './renewal/connector-renewals.ts'
import type { RenewalCause, Row } from './renewal/renewal-context.ts'

/** Decides which grants of one connector can be refreshed, and refreshes them. Loads how with the first one. */
export class GrantRenewal {
  readonly #group: StoredGroup
  readonly #read: (storeKey: string) => Promise<Row | undefined>
  #renewals: ConnectorRenewals | undefined
  /** The keys of renewals that wait for the code. */
  readonly #starting = new Set<string>()

  /** @param read reads a row, with the app's own credential if the composition holds it */
  constructor(group: StoredGroup, read: (storeKey: string) => Promise<Row | undefined>) {
    this.#group = group
    this.#read = read
  }

  isRunning(connection: Connection): boolean {
    const { storeKey } = connection
    return this.#starting.has(storeKey) || this.#renewals?.isRunning(storeKey) === true
  }

  /** Drops a grant that could not be written, because another one replaces it. */
  forget(connection: Connection): void {
    this.#renewals?.forget(connection.storeKey)
  }

  /** Returns whether the grant can be refreshed without a user. */
  canRenew({ grant }: ConnectionRecord): boolean {
    const { app, profile } = this.#group.context.composed.connector
    const { flow } = profile.auth
    if (flow === undefined) return false
    if (flow.renewal === 'obtain') return true
    // Without an app, the server would reject the app and not the token.
    if (app === undefined) return false
    return flow.renewal === 'access_token' || grant?.refreshToken !== undefined
  }

  async renew(connection: Connection, cause: RenewalCause): Promise<ConnectionRecord> {
    const { storeKey } = connection
    if (this.#renewals === undefined) {
      this.#starting.add(storeKey)
      try {
        const { ConnectorRenewals } = await import('./renewal/connector-renewals.ts')
        // Another call may have been first, and two would exchange the same token.
        this.#renewals ??= new ConnectorRenewals(this.#group, this.#read)
      } finally {
        this.#starting.delete(storeKey)
      }
    }
    return this.#renewals.renewConnection(connection, cause)
  }
}
