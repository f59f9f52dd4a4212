import type { Principal } from '../../identity/principal.ts'
import type { ConnectionRecord } from '../connection-record.ts'
import { storedConnections } from '../connection-store.ts'
import { unusableConnection } from '../connection-errors.ts'
import type { StoredConnection } from '../connection-store.ts'
import { familyGroup } from '../connector-vault.ts'
import { ConnectorError } from '../../errors/connector-error.ts'
import type { ConnectorVault } from '../connector-vault.ts'
import { copyRegistrations } from '../registrations.ts'
import { eachConnection } from './each-connection.ts'
import { MoveConnection } from './move-connection.ts'
import { connectorGroups, failureAt } from './operations-context.ts'
import type { ConnectionFailure, OperationsContext } from './operations-context.ts'
import type { VaultScope } from './vault-scope.ts'

/** Which connections to migrate, and how. */
export type MigrateOptions = VaultScope & MigrateSettings

export interface MigrateSettings {
  /**
   * The server id that the connections are under now; it need not be composed any more. Where it is not, and shared its
   * grants with a family, name that family and the client id, too.
   */
  readonly from: {
    readonly serverId: string
    readonly family?: string | undefined
    readonly clientId?: string | undefined
  }
  /** A connector of this client. */
  readonly to: { readonly serverId: string }
  /**
   * Under which tenant and name a connection goes on; undefined leaves it where it is. The same unless given, and always
   * the same between connectors of one family.
   */
  readonly map?: ((connection: NamedConnection) => NamedConnection | undefined) | undefined
  readonly concurrency?: number | undefined
  /** Stops it. Run it again to go on: what was moved stays moved. */
  readonly signal?: AbortSignal | undefined
  /** Who does it, for the audit. */
  readonly by?: Principal | undefined
}

export interface NamedConnection {
  readonly tenant: string
  readonly connection: string
}

export interface MigrateReport {
  readonly moved: number
  /** Connections that stay where they are, because there is another one where they would go. */
  readonly conflicts: readonly NamedConnection[]
  readonly failures: readonly ConnectionFailure[]
  /** False if it was stopped. */
  readonly finished: boolean
}

const AT_ONCE = 4

/** Moves connections from one server id to another: copied first and then deleted, each step on condition. */
export async function migrateConnections(
  context: OperationsContext,
  tenant: string | undefined,
  options: MigrateSettings,
): Promise<MigrateReport> {
  const { from, to, map = (same) => same, concurrency = AT_ONCE, signal, by } = options
  const target = targetOf(context, to.serverId)
  const source = sourceGroup(context, from)
  refuseSharing(context, from.serverId, to.serverId, source, target)
  const isSameGroup = source === target.group
  const strangers = isSameGroup ? new Set<string>() : await copyRegistrations(context.store, source, target.group)
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
      isStranger: ({ grant }) => grant?.issuer !== undefined && strangers.has(grant.issuer),
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
  const finished = await eachConnection(rows, { concurrency, signal }, async (stored) => {
    await move(stored).catch((error: unknown) => {
      failures.push(failureAt(from.serverId, stored, error))
    })
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

/** A grant that others share cannot be taken from them, and it cannot be in two places: each would renew it. */
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
    hint: `Connect the accounts at ${to} anew, or take ${others.join(', ')} out of the composition first.`,
  })
}

/** Within a family the others look for the grant where it is. */
const renamesShared = (from: string, to: string): ConnectorError =>
  new ConnectorError('INVALID_INPUT', `${from} and ${to} share their grants, so these keep their names.`, {
    serverId: to,
    hint: 'Let map answer the connection as it is, or undefined.',
  })

/** The record as the new server id knows it; undefined if the old one had given it up. */
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
