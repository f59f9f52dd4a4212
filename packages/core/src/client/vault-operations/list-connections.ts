import type { Principal } from '../../connector/call.ts'
import type { ConnectionStatus } from '../../connector/client-host.ts'
import type { ConnectionRecord } from '../../credentials/connection-record.ts'
import { unreadableRecord } from '../../credentials/read-record.ts'
import { storedConnections } from '../../credentials/stored-connections.ts'
import { describeConnection } from '../connection-status.ts'
import { connectorGroups } from './operations-world.ts'
import type { OperationsWorld } from './operations-world.ts'

/** How all the connections of a tenant stand, without those that `principal` may not read. */
export async function listConnections(
  world: OperationsWorld,
  principal: Principal,
): Promise<readonly ConnectionStatus[]> {
  const { tenant } = principal
  const lists = await Promise.all(
    connectorGroups(world).map(async ({ lead, members }) => {
      const found: ConnectionStatus[] = []
      for await (const page of storedConnections(world.store, lead.vault.group, tenant)) {
        for (const { name, record: read } of page) {
          const record = recordOr(read, world.clock.now())
          for (const scope of members) {
            const { guard } = scope.vault
            const isHere = record.left?.includes(scope.serverId) !== true
            if (!isHere || !(await guard.permits('read', principal, { tenant, name }))) continue
            await guard.record('read', 'success', { tenant, name }, { actor: principal, record })
            found.push(await describeConnection(scope, { tenant, name }, record))
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
