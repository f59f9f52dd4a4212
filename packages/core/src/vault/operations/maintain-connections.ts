import type { Connection } from '../../identity/connection.ts'
import type { Principal } from '../../identity/principal.ts'
import type { ConnectionRecord, SpareCredential } from '../connection-record.ts'
import { outdatedSpares, spareOf, withoutSpare } from '../credential-list.ts'
import { storedConnections } from '../connection-store.ts'
import type { StoredConnection } from '../connection-store.ts'
import { unusableConnection } from '../connection-errors.ts'
import { isWaiting, mayBeStale, renewAt } from '../renewal/refresh-timing.ts'
import type { RenewalCause } from '../renewal/renewal-context.ts'
import type { ConnectorVault } from '../connector-vault.ts'
import { ProviderGrants } from '../provider-grants.ts'
import { verifyStaged } from '../rotate-credential.ts'
import { DEFAULT_CONCURRENCY, forEachConnection } from './each-connection.ts'
import { connectorGroups, failureAt } from './operations-context.ts'
import type { ConnectionFailure, OperationsContext } from './operations-context.ts'
import { revokeQuarantined } from './quarantine.ts'
import { actorIn, tenantIn } from './vault-scope.ts'
import type { VaultScope } from './vault-scope.ts'

/** The connections to maintain, and the settings. */
export type MaintainOptions = VaultScope & MaintainSettings

export interface MaintainSettings {
  /**
   * Milliseconds: also refreshes tokens in use that expire within this time, so that no call waits for it. A call
   * refreshes what it needs by itself. @default 0
   */
  readonly withinMs?: number | undefined
  /**
   * Milliseconds: refreshes grants that were not refreshed for this long, because providers expire unused grants. Google
   * allows six months, Microsoft 90 days. @default 30 days
   */
  readonly idleMs?: number | undefined
  /** The number of connections that are processed at the same time. @default 8 */
  readonly concurrency?: number | undefined
  /** Stops the operation. The next one does only what is left. */
  readonly signal?: AbortSignal | undefined
  /** The principal that acts, for the audit. */
  readonly by?: Principal | undefined
}

export interface MaintainReport {
  /** Connections that were read. */
  readonly looked: number
  readonly renewed: number
  /** Events `credential.expiring` that were emitted. */
  readonly warned: number
  /** New credentials that were verified and are in use now. */
  readonly rotated: number
  /** Credentials and connections that were deleted: choices that were never made, old keys whose time is over. */
  readonly removed: number
  readonly failures: readonly ConnectionFailure[]
  /** Connections whose grant was not renewed although it needs it, and why. */
  readonly skipped: readonly SkippedConnection[]
  /** False if the operation was stopped, or if the store could not list all connections: see `failures`. */
  readonly finished: boolean
}

export interface SkippedConnection {
  readonly serverId: string
  readonly tenant: string
  readonly connection: string
  /** snake_case, for programs: what `status()` returns as `reason`. */
  readonly reason: string
  /** The time of the next attempt, in milliseconds since the epoch. Absent: a user has to connect the account again. */
  readonly retryAt?: number | undefined
}

const DAY_MS = 24 * 3_600_000
const IDLE_MS = 30 * DAY_MS
/** The longest time a user may take to choose a site of the account. */
const CHOOSING_MS = DAY_MS
/** A refresh token with a known expiry is refreshed in this last part of its lifetime. */
const LAST_PART = 1 / 4

/** Processes every connection once: does what no call does by itself. Several processes may run it at the same time. */
export async function maintainConnections(
  context: OperationsContext,
  options: MaintainOptions,
): Promise<MaintainReport> {
  const tenant = tenantIn(options, context)
  const by = actorIn(options.by, context)
  const { concurrency = DEFAULT_CONCURRENCY, signal } = options
  const counts = { looked: 0, renewed: 0, warned: 0, rotated: 0, removed: 0 }
  const failures: ConnectionFailure[] = []
  const skipped: SkippedConnection[] = []
  let finished = true

  const maintain = async (vault: ConnectorVault, stored: StoredConnection): Promise<void> => {
    const { serverId } = vault
    const record = stored.record()
    if (record.state === 'unreadable') throw unusableConnection(record)
    const connection = vault.connectionOf(stored.tenant, stored.name)
    if (record.state === 'revoked') {
      // An interrupted revocation.
      if ((await revokeQuarantined(vault, connection, by, context.clock.now())) !== undefined) counts.removed++
      return
    }
    if (record.state === 'pending') {
      if (await deleteAbandoned(vault, connection, context.clock.now(), by)) counts.removed++
      return
    }
    const { rotation, guard } = vault
    const now = context.clock.now()
    const dropped = outdatedSpares(record, now).length > 0 ? await dropOutdated(vault, connection) : []
    for (const spare of dropped) {
      counts.removed++
      await guard.record('rotate', 'success', connection, { actor: by, record: spare, reason: 'previous_dropped' })
    }
    if (rotation.isExpiryDue(record)) counts.warned += await rotation.warn(connection)
    if (spareOf(record, 'staged') !== undefined) {
      const principal = { tenant: stored.tenant }
      if (await verifyStaged({ vault, connection, principal, consent: undefined })) counts.rotated++
    }
    const reason = skipReason(vault, record, context.clock.now())
    if (reason !== undefined) {
      skipped.push({ serverId, tenant: stored.tenant, connection: stored.name, ...reason })
      return
    }
    if (!isToRenew(vault, record, options, context.clock.now())) return
    if (await renewEarly(vault, connection, record)) counts.renewed++
  }

  for (const { lead } of connectorGroups(context)) {
    const rows = storedConnections(context.store, lead.group, tenant)
    const work = (stored: StoredConnection): Promise<void> => {
      counts.looked++
      return maintain(lead, stored)
    }
    const whole = await forEachConnection(rows, { concurrency, signal }, work, (error, stored) => {
      failures.push(failureAt(lead.serverId, stored ?? { tenant }, error))
    })
    finished &&= whole
  }
  return { ...counts, failures, skipped, finished }
}

/** Drops previous credentials that were kept for long enough, and returns them. */
async function dropOutdated(
  { rotation, clock }: ConnectorVault,
  connection: Connection,
): Promise<readonly SpareCredential[]> {
  const now = clock.now()
  const change = await rotation.change(connection, (record) =>
    record && outdatedSpares(record, now).length > 0 ? withoutSpare(record, 'previous') : undefined,
  )
  return change === undefined ? [] : outdatedSpares(change.before, now)
}

/** Deletes a connection whose site was never chosen, unless a user chooses one at this moment. */
async function deleteAbandoned(
  vault: ConnectorVault,
  connection: Connection,
  now: number,
  actor: Principal | undefined,
): Promise<boolean> {
  const row = await vault.rows.readFresh(connection.storeKey)
  if (row === undefined || row.version === null || !isAbandoned(row.record, now)) return false
  const { record } = row
  if (!(await vault.rows.remove(connection.storeKey, row.version))) return false
  const about = { actor, record, reason: 'never_chosen' }
  await vault.guard.record('disconnect', 'success', connection, about)
  const ended = await new ProviderGrants(vault).tryRevoke(record)
  await vault.guard.record('revoke', ended ? 'success' : 'failed', connection, about)
  return true
}

/** Returns whether a user agreed and never chose a site. A row without a date expires by itself. */
const isAbandoned = ({ state, connectedAt }: ConnectionRecord, now: number): boolean =>
  state === 'pending' && connectedAt !== undefined && now - Date.parse(connectedAt) >= CHOOSING_MS

/** Returns why the grant cannot be refreshed now; undefined if it can, or if it never is. */
function skipReason(
  vault: ConnectorVault,
  record: ConnectionRecord,
  now: number,
): Pick<SkippedConnection, 'reason' | 'retryAt'> | undefined {
  const { trouble, state } = record
  if (trouble === undefined || !vault.renewal.canRenew(record)) return undefined
  if (isWaiting(trouble, now)) return { reason: trouble.reason, retryAt: trouble.retryAt }
  return state === 'needs_reauth' && trouble.retryAt === undefined ? { reason: trouble.reason } : undefined
}

function isToRenew(
  vault: ConnectorVault,
  record: ConnectionRecord,
  { withinMs = 0, idleMs = IDLE_MS }: MaintainSettings,
  now: number,
): boolean {
  const { grant, state = 'active' } = record
  if (grant === undefined || !vault.renewal.canRenew(record) || (state !== 'active' && state !== 'degraded'))
    return false
  const { issuedAt, expiresAt, refreshExpiresAt } = grant
  const isInUse = expiresAt !== undefined && now < expiresAt
  if (withinMs > 0 && isInUse && expiresAt - now <= withinMs) return true
  // A grant that is obtained again each time does not age.
  if (vault.auth.flow?.renewal === 'obtain') return false
  const age = now - issuedAt
  const endsSoon = refreshExpiresAt !== undefined && now >= refreshExpiresAt - (refreshExpiresAt - issuedAt) * LAST_PART
  return age >= idleMs || (endsSoon && age >= DAY_MS)
}

/** Refreshes a grant before it has to be, so that it does not expire unused. Returns whether it was. */
async function renewEarly(
  vault: ConnectorVault,
  connection: Connection,
  { grant }: ConnectionRecord,
): Promise<boolean> {
  if (grant === undefined) return false
  const now = vault.clock.now()
  const isDue = now >= renewAt(grant, connection.storeKey)
  // The server would not replace a grant that it has just issued.
  if (!isDue && !mayBeStale(grant, now)) return false
  const cause: RenewalCause = isDue ? { kind: 'expiring' } : { kind: 'refused', accessToken: grant.accessToken }
  const renewed = await vault.renewal.renew(connection, cause)
  return renewed.grant?.accessToken !== grant.accessToken
}
