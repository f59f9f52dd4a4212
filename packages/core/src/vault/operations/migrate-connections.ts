import type { Principal } from '../../identity/principal.ts'
import type { ConnectionRecord } from '../connection-record.ts'
import { storedConnections } from '../connection-store.ts'
import { unusableConnection } from '../connection-errors.ts'
import type { StoredConnection } from '../connection-store.ts'
import { familyGroup } from '../connector-vault.ts'
import { ConnectorError } from '../../errors/connector-error.ts'
import type { ConnectorVault } from '../connector-vault.ts'
import { copyRegistrations } from '../registrations.ts'
import { forEachConnection } from './each-connection.ts'
import { MoveConnection } from './move-connection.ts'
import { connectorGroups, failureAt } from './operations-context.ts'
import type { ConnectionFailure, OperationsContext } from './operations-context.ts'
import { actorIn, tenantIn } from './vault-scope.ts'
import type { VaultScope } from './vault-scope.ts'

/** The connections to migrate, and the settings. */
export type MigrateOptions = VaultScope & MigrateSettings

export interface MigrateSettings {
  /**
   * The current server id of the connections; it need not be composed any more. If it is not, and shared its grants with a
   * family, pass that family and the client id too.
   */
  readonly from: {
    readonly serverId: string
    readonly family?: string | undefined
    readonly clientId?: string | undefined
  }
  /** A connector of this client. */
  readonly to: { readonly serverId: string }
  /**
   * Returns the new tenant and name of a connection; undefined leaves it where it is. Connectors of one family keep both.
   * @default both stay the same
   */
  readonly map?: ((connection: NamedConnection) => NamedConnection | undefined) | undefined
  readonly concurrency?: number | undefined
  /** Stops the operation. Run it again to continue: moved connections stay moved. */
  readonly signal?: AbortSignal | undefined
  /** The principal that acts, for the audit. */
  readonly by?: Principal | undefined
}

export interface NamedConnection {
  readonly tenant: string
  readonly connection: string
}

export interface MigrateReport {
  readonly moved: number
  /** Connections that were not moved, because the target exists. */
  readonly conflicts: readonly NamedConnection[]
  readonly failures: readonly ConnectionFailure[]
  /** False if the operation was stopped, or if the store could not list all connections: see `failures`. */
  readonly finished: boolean
}

const DEFAULT_CONCURRENCY = 4

/** Moves connections from one server id to another: copied first and then deleted, each step on condition. */
export async function migrateConnections(context: OperationsContext, options: MigrateOptions): Promise<MigrateReport> {
  const tenant = tenantIn(options, context)
  const by = actorIn(options.by, context)
  const { from, to, map = (same) => same, concurrency = DEFAULT_CONCURRENCY, signal } = options
  const target = targetOf(context, to.serverId)
  const source = sourceGroup(context, from)
  refuseSharing(context, from.serverId, to.serverId, source, target)
  const isSameGroup = source === target.group
  const foreignIssuers = isSameGroup ? new Set<string>() : await copyRegistrations(context.store, source, target.group)
  const mover = new MoveConnection({ rows: target.rows, store: context.store, clock: context.clock })
  const conflicts: NamedConnection[] = []
  const failures: ConnectionFailure[] = []
  let moved = 0

  const move = async (stored: StoredConnection): Promise<void> => {
    const record = stored.record()
    if (record.state === 'unreadable') throw unusableConnection(record)
    const goal = map({ tenant: stored.tenant, connection: stored.name })
    if (goal === undefined) return
    const goesTo = target.connectionOf(goal.tenant, goal.connection)
    if (isSameGroup && goesTo.storeKey !== stored.storeKey) throw renamesShared(from.serverId, to.serverId)
    const { guard } = target
    const outcome = await mover.move(stored.storeKey, goesTo.storeKey, {
      isForeign: ({ grant }) => grant?.issuer !== undefined && foreignIssuers.has(grant.issuer),
      relabel: (record) => relabelled(record, from.serverId, to.serverId, isSameGroup),
    })
    if (outcome.kind === 'nothing') return
    if (outcome.kind === 'moved') moved++
    else conflicts.push({ tenant: stored.tenant, connection: stored.name })
    await guard.record('migrate', outcome.kind === 'moved' ? 'success' : 'failed', goesTo, {
      actor: by,
      record: outcome.record,
      reason: outcome.kind === 'moved' ? `from ${from.serverId}` : outcome.kind,
    })
  }

  const rows = storedConnections(context.store, source, tenant)
  const finished = await forEachConnection(rows, { concurrency, signal }, move, (error, stored) => {
    failures.push(failureAt(from.serverId, stored ?? { tenant }, error))
  })
  return { moved, conflicts, failures, finished }
}

function targetOf(context: OperationsContext, serverId: string): ConnectorVault {
  const [group] = connectorGroups(context, serverId)
  if (group !== undefined) return group.lead
  throw new ConnectorError('CONFIGURATION_ERROR', `${serverId} holds no connections of tenants.`, {
    serverId,
    hint: "It was composed with the app's own credential: leave that out, or choose another connector.",
  })
}

const sourceGroup = ({ vaults }: OperationsContext, { serverId, family, clientId }: MigrateSettings['from']): string =>
  family !== undefined && clientId !== undefined
    ? familyGroup(family, clientId)
    : (vaults.get(serverId)?.group ?? serverId)

/** Rejects the move of a grant that others share: it cannot be in two rows, because both would refresh it. */
function refuseSharing(
  { vaults }: OperationsContext,
  from: string,
  to: string,
  source: string,
  target: ConnectorVault,
): void {
  if (source === target.group && from === to) {
    throw new ConnectorError('INVALID_INPUT', `${from} and ${to} are the same.`, { serverId: to })
  }
  const others = target.context.membersOf(source).filter((id) => id !== from && id !== to)
  if (source === target.group || others.length === 0) return
  const message = `${from} shares its grants with ${others.join(', ')}, so they cannot be moved to ${to}.`
  throw new ConnectorError('CONFIGURATION_ERROR', message, {
    serverId: from,
    choices: [...vaults.keys()],
    hint: `Connect the accounts at ${to} again, or remove ${others.join(', ')} from the composition first.`,
  })
}

/** Returns the error of a rename within a family, whose other connectors read the same row. */
const renamesShared = (from: string, to: string): ConnectorError =>
  new ConnectorError('INVALID_INPUT', `${from} and ${to} share their grants, so these keep their names.`, {
    serverId: to,
    hint: 'Return the connection unchanged from map, or undefined.',
  })

/** Returns the record for the new server id; undefined if the old one had disconnected it. */
function relabelled(
  record: ConnectionRecord,
  from: string,
  to: string,
  isSameGroup: boolean,
): ConnectionRecord | undefined {
  const { left, settings, ...kept } = record
  if (!isSameGroup && left?.includes(from)) return undefined
  const { [from]: own, ...others } = settings ?? {}
  const renamed = left?.map((id) => (id === from ? to : id))
  return {
    ...kept,
    ...(settings !== undefined && { settings: { ...others, ...(own !== undefined && { [to]: own }) } }),
    ...(isSameGroup && renamed !== undefined && { left: renamed }),
  }
}
