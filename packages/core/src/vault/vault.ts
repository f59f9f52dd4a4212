import type { RotateKeysOptions, RotationReport } from '../encryption/rotation.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Principal } from '../identity/principal.ts'
import type { ConnectionStatus } from '../ports/accounts.ts'
import { memoryStore } from '../ports/memory-store.ts'
import { ClientVault } from './client-vault.ts'
import type { ListOptions } from './operations/list-connections.ts'
import type { MaintainOptions, MaintainReport } from './operations/maintain-connections.ts'
import type { MigrateOptions, MigrateReport } from './operations/migrate-connections.ts'
import type { OperationsContext } from './operations/operations-context.ts'
import type { RevokeOptions, RevokeReport } from './operations/revoke-connections.ts'
import { checkVaultOptions } from './vault-options.ts'
import type { VaultOptions } from './vault-options.ts'
import type { BoundVault, VaultHost } from './vault-port.ts'

/**
 * Connects accounts, stores their credentials, and refreshes them. Its methods are for operators, and process many
 * connections at once: `access` is asked only for `list`, so the host decides who may call the others.
 */
export interface Vault {
  /**
   * Returns the state of all the connections in scope, at every connector; where connectors share a grant, once for each.
   * What `access` does not allow to read is left out: it is asked for the tenant of each connection, together
   * with the `user` and `agent` of the options.
   * @throws ConnectorError INVALID_INPUT if the scope is missing
   */
  list(options: ListOptions): Promise<readonly ConnectionStatus[]>
  /**
   * Takes every matching connection out of use, and then revokes the grants at their providers. Other processes notice
   * within 30 seconds. Authorizations that have started do not complete, and a running refresh restores
   * nothing. No secret is kept, except for a grant whose provider cannot be reached: it is kept aside for a day, so that
   * it can still be revoked. Users may connect again afterwards.
   *
   * Requests that were already signed are not affected. API keys cannot be revoked from here: see `leftAtProvider`.
   * @throws ConnectorError INVALID_INPUT without a scope or a reason; ROUTING_ERROR for an unknown serverId
   */
  revoke(options: RevokeOptions): Promise<RevokeReport>
  /**
   * Moves connections to another server id, for a connector that was renamed or whose family changed. If it is
   * interrupted, no credential is lost; run it again to continue. Processes that still use the old id fail with
   * `not_connected`.
   * @throws ConnectorError CONFIGURATION_ERROR if others share the grants; ROUTING_ERROR if `to` is not composed
   */
  migrate(options: MigrateOptions): Promise<MigrateReport>
  /**
   * Maintains every connection in scope. Run it from a cron job, once an hour for example: it refreshes grants that were
   * not used for long, warns of credentials that expire, verifies new credentials, finishes interrupted revocations, and
   * removes authorizations that were never completed.
   */
  maintain(options: MaintainOptions): Promise<MaintainReport>
  /**
   * Rotates the keys that the credentials are encrypted with.
   * @throws ConnectorError CONFIGURATION_ERROR if the store of the credentials is not `encrypted`
   */
  rotateKeys(options?: RotateKeysOptions & { readonly by?: Principal | undefined }): Promise<RotationReport>
  /**
   * Called by `createMcpClient`. A client that is closed, or whose composition fails, releases the vault for the next one.
   * @throws ConnectorError CONFIGURATION_ERROR if the vault is composed into another client
   */
  bind(host: VaultHost): BoundVault
}

/**
 * Makes the vault that a client is composed with: `createMcpClient({ vault: vault({ store }) })`.
 * @throws ConnectorError CONFIGURATION_ERROR that lists every option that cannot be used
 */
export function vault(options: VaultOptions = {}): Vault {
  checkVaultOptions(options)
  let { store } = options
  let bound: ClientVault | undefined
  const current = (): ClientVault => {
    if (bound !== undefined) return bound
    throw new ConnectorError('CONFIGURATION_ERROR', 'The vault is not composed into a client.', {
      hint: 'Pass it to createMcpClient({ vault }) first. A client that is closed releases its vault.',
    })
  }
  const run = async <Report>(doing: string, work: (context: OperationsContext) => Promise<Report>): Promise<Report> => {
    try {
      return await work(current().operations)
    } catch (error) {
      throw ConnectorError.from(error, doing)
    }
  }
  return {
    bind(host) {
      if (bound !== undefined) {
        throw new ConnectorError('CONFIGURATION_ERROR', 'The vault is composed into another client already.', {
          hint: 'Close that client first, or make a vault for each client; they may share a store.',
        })
      }
      // The default store belongs to the vault, so that what it holds outlives the client.
      store ??= memoryStore({ clock: host.clock })
      bound = new ClientVault({ ...options, store }, host, (from) => {
        if (bound === from) bound = undefined
      })
      return bound
    },
    // Each operation is loaded with its first use: most processes never run one.
    list: (options) =>
      run('Listing connections', async (context) => {
        const { listConnections } = await import('./operations/list-connections.ts')
        return listConnections(context, options)
      }),
    revoke: (options) =>
      run('Revoking connections', async (context) => {
        const { revokeConnections } = await import('./operations/revoke-connections.ts')
        return revokeConnections(context, { ...options })
      }),
    migrate: (options) =>
      run('Migrating connections', async (context) => {
        const { migrateConnections } = await import('./operations/migrate-connections.ts')
        return migrateConnections(context, options)
      }),
    maintain: (options) =>
      run('Maintaining connections', async (context) => {
        const { maintainConnections } = await import('./operations/maintain-connections.ts')
        return maintainConnections(context, options)
      }),
    rotateKeys: (rotation = {}) =>
      run('Rotating the keys', async (context) => {
        const { rotateKeys } = await import('./operations/rotate-keys.ts')
        return rotateKeys(context, store, rotation)
      }),
  }
}
