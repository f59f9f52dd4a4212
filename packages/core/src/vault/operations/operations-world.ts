import type { Principal } from '../../identity/principal.ts'
import type { AuditTrail } from '../audit-trail.ts'
import { ConnectorError } from '../../errors/connector-error.ts'
import type { ConnectorContext } from '../../pipeline/connector-context.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Store } from '../../ports/store.ts'
import { noConnector } from '../../client/connector-runtime.ts'
import type { ConnectorRuntime } from '../../client/connector-runtime.ts'

/** What the operations over many connections stand on. */
export interface OperationsWorld {
  readonly runtimes: ReadonlyMap<string, ConnectorRuntime>
  /** The store of the credentials. */
  readonly store: Store
  readonly clock: Clock
  readonly trail: AuditTrail | undefined
  /** Checks a principal that the host passed. */
  readonly identify: (principal: unknown) => Principal
}

/** Connectors that share their connections; each connection is looked at once, by the first of them. */
export interface ConnectorGroup {
  readonly lead: ConnectorContext
  /** The lead among them. */
  readonly members: readonly ConnectorContext[]
}

/** Something that went wrong with one connection while the others went on. */
export interface ConnectionFailure {
  readonly serverId: string
  readonly tenant: string
  readonly connection: string
  readonly error: ConnectorError
}

/**
 * The connectors that hold connections of tenants, by what they share.
 * @param serverId only the group of this one, with it as the lead
 * @throws ConnectorError ROUTING_ERROR if there is no such connector
 */
export function connectorGroups({ runtimes }: OperationsWorld, serverId?: string): readonly ConnectorGroup[] {
  if (serverId !== undefined && !runtimes.has(serverId)) {
    throw noConnector(serverId, [...runtimes.keys()])
  }
  const scopes = [...runtimes.values()]
    .map(({ scope }) => scope)
    .filter(({ vault, profile }) => !vault.holdsForTheApp && profile.auth.holders.includes('connection'))
  const wanted = scopes.filter((scope) => serverId === undefined || scope.serverId === serverId)
  const leads = new Map<string, ConnectorContext>()
  for (const scope of wanted) if (!leads.has(scope.vault.group)) leads.set(scope.vault.group, scope)
  return [...leads].map(([group, lead]) => ({ lead, members: scopes.filter(({ vault }) => vault.group === group) }))
}

export const failureAt = (
  serverId: string,
  { tenant, name }: { readonly tenant: string; readonly name: string },
  error: unknown,
): ConnectionFailure => ({
  serverId,
  tenant,
  connection: name,
  error: ConnectorError.is(error)
    ? error
    : new ConnectorError('API_INTERNAL_ERROR', 'This connection could not be seen to.', { serverId }, { cause: error }),
})
