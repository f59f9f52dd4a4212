import type { RefreshedGrant } from '../auth/grant-flow.ts'
import type { Connection } from '../identity/connection.ts'
import type { ConnectionRecord } from './connection-record.ts'
import type { ConnectorVaultContext } from './connector-vault-context.ts'
import type { ProviderGrants } from './provider-grants.ts'
import { mayBeStale, renewAt } from './renewal/refresh-timing.ts'
import type { RenewalCause, RenewalContext, Row } from './renewal/renewal-context.ts'
import { Renewals } from './renewal/renewals.ts'

/** Refreshes the grants of one connector: decides what can be refreshed, and runs each renewal once in this process. */
export class GrantRenewal {
  readonly #context: ConnectorVaultContext
  readonly #grants: ProviderGrants
  readonly #read: (storeKey: string) => Promise<Row | undefined>
  readonly #renewals: Renewals

  /** @param read reads a row, with the app's own credential if the composition holds it */
  constructor(
    context: ConnectorVaultContext,
    grants: ProviderGrants,
    read: (storeKey: string) => Promise<Row | undefined>,
  ) {
    this.#context = context
    this.#grants = grants
    this.#read = read
    this.#renewals = new Renewals(context.host.clock)
  }

  isRunning(connection: Connection): boolean {
    return this.#renewals.isRunning(connection.storeKey)
  }

  /** Drops a grant that could not be written, because another one replaces it. */
  forget(connection: Connection): void {
    this.#renewals.forget(connection.storeKey)
  }

  /** Returns whether the grant can be refreshed without a user. */
  canRenew({ grant }: ConnectionRecord): boolean {
    const { app, profile } = this.#context.composed.connector
    const { flow } = profile.auth
    if (flow === undefined) return false
    if (flow.renewal === 'obtain') return true
    // Without an app, the server would reject the app and not the token.
    if (app === undefined) return false
    return flow.renewal === 'access_token' || grant?.refreshToken !== undefined
  }

  /** Refreshes a grant before it has to be, so that it does not expire unused. */
  async renewEarly(connection: Connection, record: ConnectionRecord): Promise<boolean> {
    const { grant } = record
    if (grant === undefined || !this.canRenew(record)) return false
    const now = this.#context.host.clock.now()
    const isDue = now >= renewAt(grant, connection.storeKey)
    // The server would not replace a grant that it has just issued.
    if (!isDue && !mayBeStale(grant, now)) return false
    const cause: RenewalCause = isDue ? { kind: 'expiring' } : { kind: 'refused', accessToken: grant.accessToken }
    const renewed = await this.renew(connection, cause)
    return renewed.grant?.accessToken !== grant.accessToken
  }

  async renew(connection: Connection, cause: RenewalCause): Promise<ConnectionRecord> {
    const row = await this.#renewals.renew(connection.storeKey, cause, () => this.#contextOf(connection))
    return row.record
  }

  async #contextOf(connection: Connection): Promise<RenewalContext> {
    const { host, composed, rows, timing, owner, emit } = this.#context
    const { storeKey } = connection
    const { flow } = composed.connector.profile.auth
    if (flow === undefined) throw new TypeError('A strategy without grants has nothing to refresh.')
    const protocol = await flow.load()
    // The credential of the composition does not belong in the store.
    const isShared = composed.connector.appCredential !== undefined
    let verify: RefreshedGrant['verify'] | undefined
    return {
      storeKey,
      owner: owner(),
      flow,
      timing,
      clock: host.clock,
      random: host.random,
      read: () => this.#read(storeKey),
      write: (record, ifVersion) => rows.write(storeKey, isShared ? { ...record, credential: {} } : record, ifVersion),
      exchange: async (record, signal) => {
        verify = undefined
        const exchanged = await this.#grants.exchange(protocol, record, signal)
        verify = exchanged.verify
        return exchanged.grant
      },
      verify: () => verify,
      discard: async (grant, record) => {
        await this.#grants.tryRevoke({ ...record, grant })
      },
      emit: (kind, row) => {
        emit({ kind }, connection, row.record)
      },
    }
  }
}
