import type { RefreshedGrant } from '../../auth/grant-flow.ts'
import type { Connection } from '../../identity/connection.ts'
import type { ConnectionRecord } from '../connection-record.ts'
import type { StoredGroup } from '../connector-vault-context.ts'
import { ProviderGrants } from '../provider-grants.ts'
import type { RenewalCause, RenewalContext, Row } from './renewal-context.ts'
import { Renewals } from './renewals.ts'

/** The renewals of one connector in this process. */
export class ConnectorRenewals extends Renewals {
  readonly #group: StoredGroup
  readonly #grants: ProviderGrants
  readonly #read: (storeKey: string) => Promise<Row | undefined>

  constructor(group: StoredGroup, read: (storeKey: string) => Promise<Row | undefined>) {
    super(group.context.host.clock)
    this.#group = group
    this.#grants = new ProviderGrants(group)
    this.#read = read
  }

  async renewConnection(connection: Connection, cause: RenewalCause): Promise<ConnectionRecord> {
    const row = await this.renew(connection.storeKey, cause, () => this.#contextOf(connection))
    return row.record
  }

  async #contextOf(connection: Connection): Promise<RenewalContext> {
    const { host, composed, rows, timing, owner, emit } = this.#group.context
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
