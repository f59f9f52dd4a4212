import type { Principal } from '../../identity/principal.ts'
import type { ConnectionStatus } from '../../client/client-host.ts'
import type { ConnectionRecord } from '../connection-record.ts'
import { unreadableRecord } from '../read-record.ts'
import { storedConnections } from '../stored-connections.ts'
import { describeConnection } from '../connection-status.ts'
import { connectorGroups } from './operations-world.ts'
import { DEFAULT_TENANT } from '../../identity/principal.ts'
import type { OperationsWorld } from './operations-world.ts'
import type { VaultScope } from './vault-scope.ts'

/** Which connections to list, and who asks. */
export type ListOptions = VaultScope & Omit<Principal, 'tenant'>

/** Returns the state of the connections of a tenant or of every tenant, without those that may not be read. */
export async function listConnections(
  world: OperationsWorld,
  tenant: string | undefined,
  options: Omit<Principal, 'tenant'>,
): Promise<readonly ConnectionStatus[]> {
  const { user, agent } = world.identify({ ...options, tenant: tenant ?? DEFAULT_TENANT })
  const lists = await Promise.all(
    connectorGroups(world).map(async ({ lead, members }) => {
      const found: ConnectionStatus[] = []
      for await (const page of storedConnections(world.store, lead.vault.group, tenant)) {
        for (const { tenant: owner, name, record: read } of page) {
          const principal: Principal = { tenant: owner, user, agent }
          const connection = { tenant: owner, name }
          const record = recordOr(read, world.clock.now())
          for (const scope of members) {
            const { guard } = scope.vault
            const isHere = record.left?.includes(scope.serverId) !== true
            if (!isHere || !(await guard.permits('read', principal, connection))) continue
            await guard.record('read', 'success', connection, { actor: principal, record })
            found.push(await describeConnection(scope, connection, record))
          }
        }
      }
      return found
    }),
  )
  const order = [...world.runtimes.keys()]
  return lists.flat().toSorted((a, b) => order.indexOf(a.serverId) - order.indexOf(b.serverId))
}

/** A row that cannot be read just now does not hide the others. */
function recordOr(read: () => ConnectionRecord, now: number): ConnectionRecord {
  try {
    return read()
  } catch (error) {
    return unreadableRecord(error, now)
  }
}
