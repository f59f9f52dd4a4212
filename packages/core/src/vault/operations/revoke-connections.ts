import type { Connection } from '../../identity/connection.ts'
import type { Principal } from '../../identity/principal.ts'
import { secretsOf } from '../connection-record.ts'
import { redactText } from '../../redaction/redact-text.ts'
import { unusableConnection } from '../connection-errors.ts'
import { storedConnections } from '../connection-store.ts'
import type { StoredConnection } from '../connection-store.ts'
import { ConnectorError } from '../../errors/connector-error.ts'
import { DEFAULT_CONCURRENCY, forEachConnection, forEachLimited } from './each-connection.ts'
import type { Pace } from './each-connection.ts'
import { connectorGroups, failureAt } from './operations-context.ts'
import type { ConnectionFailure, ConnectorGroup, OperationsContext } from './operations-context.ts'
import { revokeQuarantined, isEmpty, quarantine } from './quarantine.ts'
import { RevocationMarks } from '../revocation-marks.ts'
import { actorIn } from './vault-scope.ts'

/** The connections to revoke: all that match every name that is passed. Pass a tenant, a connector or `everything`. */
export interface RevokeOptions {
  readonly tenant?: string | undefined
  /** If connectors share a grant, it is revoked for all of them. */
  readonly serverId?: string | undefined
  /** The name of a connection of the tenant. */
  readonly connection?: string | undefined
  /** Every connection of every tenant at every connector of this client. */
  readonly everything?: true | undefined
  /** The reason, for the audit and for listeners. */
  readonly reason: string
  /** The principal that acts, for the audit. */
  readonly by?: Principal | undefined
  /** The number of grants that are revoked at providers at the same time. @default 8 */
  readonly concurrency?: number | undefined
  /** Stops the operation. Connections that are out of use by then stay so. */
  readonly signal?: AbortSignal | undefined
}

export interface RevokeReport {
  /** Connections that were taken out of use. */
  readonly revoked: number
  /** Grants that their providers have revoked. */
  readonly endedAtProvider: number
  /** Keys and grants that cannot be revoked from here: they stay valid until they are revoked at the provider. */
  readonly leftAtProvider: number
  /**
   * The failures, by connection. A connection whose row cannot be read is taken out of use and reported here, because its
   * grant cannot be revoked. A grant whose provider could not be reached is kept aside for a day: `maintain()` and another
   * `revoke()` try again.
   */
  readonly failures: readonly ConnectionFailure[]
  /** False if the operation was stopped, or if the store could not list all connections: see `failures`. */
  readonly finished: boolean
}

interface Revoked {
  readonly group: ConnectorGroup
  readonly connection: Connection & { readonly tenant: string }
}

/** Takes connections out of use: all of them here first, so that nothing is sent meanwhile, and then at the providers. */
export async function revokeConnections(context: OperationsContext, options: RevokeOptions): Promise<RevokeReport> {
  const by = actorIn(options.by, context)
  refuseVagueness(options)
  if (options.tenant !== undefined) context.identify({ tenant: options.tenant })
  const { tenant, serverId, connection: wanted, reason, concurrency = DEFAULT_CONCURRENCY, signal } = options
  const pace: Pace = { concurrency, signal }
  const groups = connectorGroups(context, serverId)
  const now = context.clock.now()
  const failures: ConnectionFailure[] = []
  const revoked: Revoked[] = []
  let [count, leftAtProvider, endedAtProvider] = [0, 0, 0]
  await Promise.all(groups.map(({ lead }) => new RevocationMarks(lead).set({ tenant, connection: wanted })))

  const takeOut = async (group: ConnectorGroup, stored: StoredConnection): Promise<void> => {
    const { lead } = group
    const { tenant: owner, name, storeKey, isReachable } = stored
    if (!isReachable) {
      await context.store.delete(storeKey)
      throw unusableConnection(stored.record())
    }
    const connection = { ...lead.connectionOf(owner, name), tenant: owner }
    const before = await quarantine(lead, connection, now)
    const isUnreadable = before?.state === 'unreadable'
    // What an interrupted run has kept aside is still there.
    revoked.push({ group, connection })
    if (before === undefined || isEmpty(before)) return
    if (!isUnreadable) {
      count++
      if (before.grant === undefined) leftAtProvider++
    }
    const shown = redactText(reason, secretsOf(before))
    for (const { serverId: id, guard, context: member } of group.members) {
      if (before.left?.includes(id)) continue
      const about = { serverId: id, tenant: owner, connection: name, reason: shown }
      member.host.logger.info({ event: 'connection.revoked', ...about }, 'A connection was revoked.')
      member.host.emit('connection.revoked', () => about)
      await guard.record('quarantine', 'success', connection, { actor: by, record: before, reason })
    }
    // It is out of use, but its grant can only be revoked by hand.
    if (isUnreadable) throw unusableConnection(before)
  }

  let finished = true
  for (const group of groups) {
    const { lead } = group
    const rows = storedConnections(context.store, lead.group, tenant)
    const work = async (stored: StoredConnection): Promise<void> => {
      if (wanted === undefined || stored.name === wanted) await takeOut(group, stored)
    }
    const whole = await forEachConnection(rows, pace, work, (error, stored) => {
      failures.push(failureAt(lead.serverId, stored ?? { tenant }, error))
    })
    finished &&= whole
  }
  const ended = await forEachLimited(revoked, pace, async ({ group: { lead }, connection }) => {
    try {
      const outcome = await revokeQuarantined(lead, connection, by, context.clock.now())
      if (outcome === true) endedAtProvider++
      if (outcome === false) leftAtProvider++
    } catch (error) {
      failures.push(failureAt(lead.serverId, connection, error))
    }
  })
  return { revoked: count, endedAtProvider, leftAtProvider, failures, finished: finished && ended }
}

/** Rejects an unclear scope: a name that is undefined by mistake must not mean everything. */
function refuseVagueness(options: RevokeOptions): void {
  const names = (['tenant', 'serverId', 'connection'] as const).filter((name) => name in options)
  const hint =
    'Name a tenant, one of its connections, or a serverId; for every connection of this client pass { everything: true }.'
  const refuse = (what: string) => new ConnectorError('INVALID_INPUT', what, { hint, outcome: 'not_processed' })
  for (const name of names) {
    if (typeof options[name] !== 'string' || options[name] === '') throw refuse(`${name} is not a name.`)
  }
  if (names.includes('connection') && !names.includes('tenant')) throw refuse('A connection requires a tenant.')
  if (names.length === 0 && options.everything !== true) throw refuse('revoke() requires a scope.')
  if (names.length > 0 && options.everything === true) throw refuse(`Pass either everything or ${names.join()}.`)
  if (typeof options.reason !== 'string' || options.reason.trim() === '') {
    throw new ConnectorError('INVALID_INPUT', 'revoke() requires a reason.', {
      hint: 'Pass a reason: the audit keeps it.',
    })
  }
}
