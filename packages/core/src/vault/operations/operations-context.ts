import { ConnectorError } from '../../errors/connector-error.ts'
import { noConnector } from '../../errors/no-connector.ts'
import type { Principal } from '../../identity/principal.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Store } from '../../ports/store.ts'
import type { AuditTrail } from '../audit-trail.ts'
import type { ConnectorVault } from '../connector-vault.ts'

/** The dependencies of operations over many connections. */
export interface OperationsContext {
  /** The vaults of the connectors, by server id. */
  readonly vaults: ReadonlyMap<string, ConnectorVault>
  /** The store of the credentials. */
  readonly store: Store
  readonly clock: Clock
  readonly trail: AuditTrail | undefined
  /** Checks a principal that the host passed. */
  readonly identify: (principal: unknown) => Principal
}

/** Connectors that share their connections. Each connection is processed once, by the first of them. */
export interface ConnectorGroup {
  readonly lead: ConnectorVault
  /** The lead among them. */
  readonly members: readonly ConnectorVault[]
}

/** A failure after which the operation continued with other connections. */
export interface ConnectionFailure {
  readonly serverId: string
  readonly tenant?: string | undefined
  /** Absent if the store could not list connections: those that were not listed were not processed. */
  readonly connection?: string | undefined
  readonly error: ConnectorError
}

/**
 * Returns the connectors that hold connections of tenants, by what they share.
 * @param serverId only the group of this one, with it as the lead
 * @throws ConnectorError ROUTING_ERROR if there is no such connector
 */
export function connectorGroups({ vaults }: OperationsContext, serverId?: string): readonly ConnectorGroup[] {
  if (serverId !== undefined && !vaults.has(serverId)) throw noConnector(serverId, [...vaults.keys()])
  const all = [...vaults.values()].filter(({ isShared, auth }) => !isShared && auth.holders.includes('connection'))
  const wanted = all.filter((vault) => serverId === undefined || vault.serverId === serverId)
  const leads = new Map<string, ConnectorVault>()
  for (const vault of wanted) if (!leads.has(vault.group)) leads.set(vault.group, vault)
  return [...leads].map(([group, lead]) => ({ lead, members: all.filter((vault) => vault.group === group) }))
}

export const failureAt = (
  serverId: string,
  { tenant, name }: { readonly tenant: string | undefined; readonly name?: string | undefined },
  error: unknown,
): ConnectionFailure => ({
  serverId,
  tenant,
  connection: name,
  error: ConnectorError.is(error)
    ? error
    : new ConnectorError('API_INTERNAL_ERROR', 'Could not process this connection.', { serverId }, { cause: error }),
})
