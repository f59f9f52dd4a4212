import type { Principal } from '../../identity/principal.ts'
import type { ConnectionStatus } from '../../ports/accounts.ts'
import type { ConnectionRecord } from '../connection-record.ts'
import { withinLimit } from '../../resilience/bounded-store.ts'
import { unreadableRecord } from '../read-record.ts'
import { storedConnections } from '../connection-store.ts'
import { describeConnection } from '../connection-status.ts'
import { connectorGroups } from './operations-context.ts'
import { DEFAULT_TENANT } from '../../identity/principal.ts'
import type { OperationsContext } from './operations-context.ts'
import { tenantIn } from './vault-scope.ts'
import type { VaultScope } from './vault-scope.ts'

/** The connections to list, and the principal that asks. */
export type ListOptions = VaultScope & Omit<Principal, 'tenant'>

/** Returns the state of the connections of a tenant or of every tenant, without those that may not be read. */
export async function listConnections(
  context: OperationsContext,
  options: ListOptions,
): Promise<readonly ConnectionStatus[]> {
  const tenant = tenantIn(options, context)
  const { user, agent } = context.identify({ ...options, tenant: tenant ?? DEFAULT_TENANT })
  const lists = await Promise.all(
    connectorGroups(context).map(async ({ lead, members }) => {
      const found: ConnectionStatus[] = []
      for await (const page of storedConnections(context.store, lead.group, tenant)) {
        for (const { tenant: owner, name, record: read } of page) {
          const principal: Principal = { tenant: owner, user, agent }
          const connection = { tenant: owner, name }
          const record = recordOr(read, context.clock.now())
          for (const vault of members) {
            const { guard } = vault
            const isHere = record.left?.includes(vault.serverId) !== true
            const mayRead = () => guard.isAllowed('read', principal, connection)
            if (!isHere || !(await withinLimit(context.clock, 'The access policy', mayRead))) continue
            await guard.record('read', 'success', connection, { actor: principal, record })
            found.push(await describeConnection(vault, connection, record))
          }
        }
      }
      return found
    }),
  )
  const order = [...context.vaults.keys()]
  return lists.flat().toSorted((a, b) => order.indexOf(a.serverId) - order.indexOf(b.serverId))
}

/** Reads a record. One that cannot be read just now does not hide the others. */
function recordOr(read: () => ConnectionRecord, now: number): ConnectionRecord {
  try {
    return read()
  } catch (error) {
    return unreadableRecord(error, now)
  }
}
