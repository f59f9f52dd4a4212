import type { Principal } from '../../identity/principal.ts'
import type { ConnectionStatus } from '../../client/client-host.ts'
import { reasonOf } from '../credential-guard.ts'
import type { EncryptedStore } from '../../encryption/encrypted.ts'
import type { RotateKeysOptions, RotationReport } from '../../encryption/rotation.ts'
import { ConnectorError } from '../../errors/connector-error.ts'
import { ownFailure } from '../../errors/own-failure.ts'
import type { Store } from '../../ports/store.ts'
import type { ListOptions } from './list-connections.ts'
import type { MaintainOptions, MaintainReport } from './maintain-connections.ts'
import type { MigrateOptions, MigrateReport } from './migrate-connections.ts'
import type { OperationsWorld } from './operations-world.ts'
import type { RevokeOptions, RevokeReport } from './revoke-connections.ts'
import { actorIn, tenantIn } from './vault-scope.ts'

/**
 * What an operator does to many connections at once. `credentialAccess` speaks of principals, so of these it is asked only
 * for `list`: whoever may call the others, the host decides.
 */
export interface VaultOperations {
  /**
   * Returns the state of all the connections in scope, at every connector; where connectors share a grant, once for each.
   * What `credentialAccess` does not allow to read is left out: it is asked for the tenant of each connection, together
   * with the `user` and `agent` of the options.
   * @throws ConnectorError INVALID_INPUT if the scope is missing
   */
  list(options: ListOptions): Promise<readonly ConnectionStatus[]>
  /**
   * Takes every connection out of use that matches, at once in this process and within 30 seconds in others, and then
   * ends the grants at their providers. Consents under way do not complete, a renewal under way does not bring anything
   * back, and no secret stays, but for a grant whose provider cannot be reached: that is put aside for a day, so that it
   * can still be ended. People may connect again afterwards.
   *
   * What was signed before is not called back. API keys cannot be ended from here: see `leftAtProvider`.
   * @throws ConnectorError INVALID_INPUT if it is not said what to revoke, or why; ROUTING_ERROR for an unknown serverId
   */
  revoke(options: RevokeOptions): Promise<RevokeReport>
  /**
   * Moves connections to another server id: a connector that was renamed, or whose family changed. Whatever happens on
   * the way no credential is lost; run it again to go on. Processes that still use the old id answer `not_connected`.
   * @throws ConnectorError CONFIGURATION_ERROR if others share the grants; ROUTING_ERROR if `to` is not composed
   */
  migrate(options: MigrateOptions): Promise<MigrateReport>
  /**
   * One pass over every connection, for a cron job, say once an hour: renews grants that nobody has used for long, warns of
   * credentials that end, proves credentials that stand by, finishes revocations that were cut off, and forgets what
   * nobody waits for.
   */
  maintain(options: MaintainOptions): Promise<MaintainReport>
  /**
   * Rotates the keys that the credentials are encrypted with.
   * @throws ConnectorError CONFIGURATION_ERROR if the store of the credentials is not `encrypted`
   */
  rotateKeys(options?: RotateKeysOptions & { readonly by?: Principal | undefined }): Promise<RotationReport>
}

/** Each is loaded when it is first needed: most processes never do. */
export function vaultOperations(world: OperationsWorld): VaultOperations {
  return {
    list(options) {
      return operate('Listing connections', async () => {
        const tenant = tenantIn(options, world)
        const { listConnections } = await import('./list-connections.ts')
        return listConnections(world, tenant, options)
      })
    },
    revoke(options) {
      return operate('Revoking connections', async () => {
        const by = actorIn(options?.by, world)
        const { revokeConnections } = await import('./revoke-connections.ts')
        return revokeConnections(world, { ...options, by })
      })
    },
    migrate(options) {
      return operate('Migrating connections', async () => {
        const tenant = tenantIn(options, world)
        const by = actorIn(options.by, world)
        const { migrateConnections } = await import('./migrate-connections.ts')
        return migrateConnections(world, tenant, { ...options, by })
      })
    },
    maintain(options) {
      return operate('Maintaining connections', async () => {
        const tenant = tenantIn(options, world)
        const by = actorIn(options.by, world)
        const { maintainConnections } = await import('./maintain-connections.ts')
        return maintainConnections(world, tenant, { ...options, by })
      })
    },
    async rotateKeys({ by: actor, ...options } = {}) {
      const { store, trail } = world
      const by = actorIn(actor, world)
      if (!canRotateKeys(store)) {
        throw new ConnectorError('CONFIGURATION_ERROR', 'The store of the credentials has no keys to rotate.', {
          hint: 'Wrap it: createMcpClient({ credentials: encrypted(store, { keys }) }).',
        })
      }
      try {
        const report = await store.rotateKeys(options)
        const reason = report.finished ? undefined : 'not_finished'
        await trail?.record({
          operation: 'reencrypt',
          outcome: report.finished ? 'success' : 'failed',
          actor: by,
          reason,
        })
        return report
      } catch (error) {
        await trail?.record({ operation: 'reencrypt', outcome: 'failed', actor: by, reason: reasonOf(error) })
        throw ownFailure(error, 'Rotating the keys')
      }
    },
  }
}

async function operate<Report>(doing: string, work: () => Promise<Report>): Promise<Report> {
  try {
    return await work()
  } catch (error) {
    throw ownFailure(error, doing)
  }
}

const canRotateKeys = (store: Store): store is Pick<EncryptedStore, 'rotateKeys'> & Store => 'rotateKeys' in store
