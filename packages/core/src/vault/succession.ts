import type { Connection } from '../identity/connection.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Clock } from '../ports/clock.ts'
import { isSameCredential } from './connection-record.ts'
import type { ConnectionRecord, StandIn, Successor } from './connection-record.ts'
import type { ConnectionRows } from './connection-rows.ts'
import { expiryWarnings, isExpiryDue } from './credential-expiry.ts'
import type { ExpiryWarning } from './credential-expiry.ts'
import type { RenewalNews } from './renewal/renewal-world.ts'
import { goneForGood, isOutOfUse, unusable } from './renewal/renewal-world.ts'
import { backedUp, BACKUP_IN_USE, isBackupFresh, succeeded } from './stand-ins.ts'
import type { Role } from './stand-ins.ts'

/** What is told of a connection, by the one worker whose write made it so. */
export type ConnectionNews =
  | { readonly kind: RenewalNews }
  /** `provedBy`: the connector's own check, or a call. */
  | { readonly kind: 'rotated'; readonly provedBy: 'check' | 'use' }
  /** The successor was refused; the one before goes on. */
  | { readonly kind: 'rotation_failed'; readonly successor: StandIn }
  | { readonly kind: 'backup_used'; readonly used: Exclude<Role, 'first' | 'successor'> }
  | ({ readonly kind: 'expiring' } & ExpiryWarning)

export interface SuccessionOptions {
  readonly rows: ConnectionRows
  readonly clock: Clock
  readonly warningDays: readonly number[]
  readonly emit: (news: ConnectionNews, connection: Connection, record: ConnectionRecord) => void
}

/** How one credential of a connection follows another: rotation, backup and the end that is known beforehand. */
export class Succession {
  readonly #options: SuccessionOptions

  constructor(options: SuccessionOptions) {
    this.#options = options
  }

  /**
   * Puts a proved credential in the place of the present one.
   * @param present the record for whose account it was proved
   */
  async replace(
    connection: Connection,
    present: ConnectionRecord,
    successor: Omit<Successor, 'since'>,
  ): Promise<ConnectionRecord> {
    const { rows, clock } = this.#options
    let before: ConnectionRecord | undefined
    const row = await rows.update(connection.place, (record) => {
      before = stillOf(present, record)
      return succeeded(before, successor, clock.now())
    })
    return this.#tellOfTakingOver(connection, before, row?.record, 'check')
  }

  /** Lets a credential that nobody has proved yet stand by; the calls to come try it. */
  async standBy(connection: Connection, present: ConnectionRecord, successor: Omit<Successor, 'since'>): Promise<void> {
    const { rows, clock } = this.#options
    await rows.update(connection.place, (record) => ({
      ...stillOf(present, record),
      successor: { ...successor, since: clock.now() },
    }))
  }

  /** The successor worked: it takes over, once, whoever else has seen it work. */
  async proved(connection: Connection, successor: Successor): Promise<boolean> {
    const { rows, clock } = this.#options
    let before: ConnectionRecord | undefined
    const row = await rows.update(connection.place, (record) => {
      before = isStandingBy(record, successor) ? record : undefined
      return before && succeeded(before, successor, clock.now())
    })
    if (before === undefined) return false
    this.#tellOfTakingOver(connection, before, row?.record, 'use')
    return true
  }

  /** The successor was refused: it goes, and the present credential stays. */
  async refused(connection: Connection, successor: Successor): Promise<boolean> {
    const { rows, emit } = this.#options
    let stood = false
    const row = await rows.update(connection.place, (record) => {
      stood = isStandingBy(record, successor)
      if (record === undefined || !stood) return undefined
      const { successor: _refused, ...kept } = record
      return kept
    })
    if (stood && row !== undefined) emit({ kind: 'rotation_failed', successor }, connection, row.record)
    return stood
  }

  /** @param backup undefined removes it; answers whether there was one */
  async setBackup(
    connection: Connection,
    present: ConnectionRecord,
    backup: Omit<StandIn, 'since'> | undefined,
  ): Promise<boolean> {
    const { rows, clock } = this.#options
    let had = false
    await rows.update(connection.place, (record) => {
      const { backup: before, ...kept } = stillOf(present, record)
      had = before !== undefined
      if (backup === undefined) return had ? kept : undefined
      return { ...kept, backup: { ...backup, since: clock.now() } }
    })
    return had
  }

  /** The first credential was refused, and this one worked. */
  async backedUp(connection: Connection, refused: ConnectionRecord, used: Role): Promise<void> {
    const { rows, clock, emit } = this.#options
    if (used === 'first' || used === 'successor') return
    let before: ConnectionRecord | undefined
    const row = await rows.update(connection.place, (record) => {
      const now = clock.now()
      const isKnown = isBackupFresh(record?.trouble, now)
      before = record === undefined || isKnown || !isSameCredential(record, refused) ? undefined : record
      return before && backedUp(before, now)
    })
    if (before === undefined || row === undefined || before.trouble?.reason === BACKUP_IN_USE) return
    emit({ kind: 'backup_used', used }, connection, row.record)
    if (before.state !== 'degraded') emit({ kind: 'degraded' }, connection, row.record)
  }

  /** Whether somebody has to be told that a credential ends soon. */
  isDue(record: ConnectionRecord): boolean {
    if (record.expiresAt === undefined && record.backup?.expiresAt === undefined) return false
    return isExpiryDue(record, this.#options.warningDays, this.#options.clock.now())
  }

  /** Tells it, once for each threshold in all the workers together. */
  async warn(connection: Connection): Promise<number> {
    const { rows, clock, warningDays, emit } = this.#options
    let warnings: readonly ExpiryWarning[] = []
    const row = await rows.update(connection.place, (record) => {
      if (record === undefined || record.state === 'revoked') return undefined
      const found = expiryWarnings(record, warningDays, clock.now())
      warnings = found.warnings
      return warnings.length > 0 ? found.record : undefined
    })
    if (row !== undefined) for (const each of warnings) emit({ kind: 'expiring', ...each }, connection, row.record)
    return warnings.length
  }

  /** Forgets a credential whose time of being kept is over. */
  async dropPredecessor(connection: Connection): Promise<boolean> {
    const { rows, clock } = this.#options
    let dropped = false
    await rows.update(connection.place, (record) => {
      dropped = record?.predecessor !== undefined && clock.now() >= record.predecessor.until
      if (record === undefined || !dropped) return undefined
      const { predecessor: _over, ...kept } = record
      return kept
    })
    return dropped
  }

  #tellOfTakingOver(
    connection: Connection,
    before: ConnectionRecord | undefined,
    after: ConnectionRecord | undefined,
    provedBy: 'check' | 'use',
  ): ConnectionRecord {
    const { emit } = this.#options
    const record = inService(after)
    emit({ kind: 'rotated', provedBy }, connection, record)
    if ((before?.state ?? 'active') !== 'active') emit({ kind: 'recovered' }, connection, record)
    return record
  }
}

const isStandingBy = (record: ConnectionRecord | undefined, successor: Successor): boolean =>
  record?.successor !== undefined && record.state !== 'revoked' && isSameCredential(record.successor, successor)

/** The record, unless somebody has connected anew since `present` was read: it may be another account now. */
function stillOf(present: ConnectionRecord, record: ConnectionRecord | undefined): ConnectionRecord {
  const now = inService(record)
  if (now.connectedAt === present.connectedAt && now.account?.id === present.account?.id) return now
  throw new ConnectorError('INVALID_INPUT', 'The account was connected anew in the meantime. Nothing was changed.', {
    reason: 'connected_meanwhile',
    hint: 'Look at status(), and try again if it is still the account that is meant.',
    outcome: 'not_processed',
  })
}

/** The record, unless it is gone or was taken out of use: nothing but a person who connects brings it back. */
function inService(record: ConnectionRecord | undefined): ConnectionRecord {
  if (record === undefined) throw goneForGood()
  if (isOutOfUse(record)) throw unusable(record)
  return record
}
