import type { Connection } from '../identity/connection.ts'
import type { Clock } from '../ports/clock.ts'
import { isSameCredential } from './connection-record.ts'
import type { ConnectionRecord, SpareCredential, SpareRole } from './connection-record.ts'
import type { ConnectionRows } from './connection-store.ts'
import { stateAfter } from './connection-state.ts'
import {
  BACKUP_IN_USE,
  expiryWarnings,
  hasStaged,
  isExpiryDue,
  isResting,
  promoted,
  resting,
  spareOf,
  withoutSpare,
} from './credential-list.ts'
import type { Candidate, ExpiryWarning } from './credential-list.ts'
import type { RenewalEvent } from './renewal/renewal-context.ts'
import { sinceIn } from './renewal/refresh-timing.ts'

/** An event of a connection, emitted by the process whose write made it so. */
export type VaultEvent =
  | { readonly kind: RenewalEvent }
  /** `wasStaged`: it was promoted after a call or check accepted it. */
  | { readonly kind: 'rotated'; readonly wasStaged: boolean }
  /** The staged credential was refused; the current one stays. */
  | { readonly kind: 'rotation_failed'; readonly staged: SpareCredential }
  | { readonly kind: 'backup_used'; readonly used: Exclude<SpareRole, 'staged'> }
  | ({ readonly kind: 'expiring' } & ExpiryWarning)

export interface RotationContext {
  readonly rows: ConnectionRows
  readonly clock: Clock
  /** Days before it expires at which a credential is reported. */
  readonly warningDays: readonly number[]
  readonly emit: (event: VaultEvent, connection: Connection, record: ConnectionRecord) => void
}

interface Change {
  readonly before: ConnectionRecord
  readonly after: ConnectionRecord
}

const REFUSED = 'credential_refused'
/** A first refusal may be the provider's mistake; it is final if the credential is still refused after this time. */
const FINAL_AFTER_MS = 60_000
const HINTS = {
  refused: 'Connect the account again with a credential that is valid.',
  expired: 'The credential has expired. Connect the account again with a new one.',
}

/** Changes the credentials of a connection by compare-and-swap: what to use next, and what is known of each. */
export class CredentialRotation {
  readonly #context: RotationContext

  constructor(context: RotationContext) {
    this.#context = context
  }

  /** Returns whether a call uses the current credential and has nothing to note. Cheap: called for each request. */
  isRoutine(record: ConnectionRecord): boolean {
    return record.trouble === undefined && spareOf(record, 'staged') === undefined && !this.isExpiryDue(record)
  }

  isExpiryDue(record: ConnectionRecord): boolean {
    if (record.expiresAt === undefined && record.spares === undefined) return false
    return isExpiryDue(record, this.#context.warningDays, this.#context.clock.now())
  }

  /** Writes a change, and emits its events and that of the new state. Undefined: there was nothing to change. */
  async change(
    connection: Connection,
    next: (record: ConnectionRecord | undefined) => ConnectionRecord | undefined,
    eventsOf: (before: ConnectionRecord) => readonly VaultEvent[] = () => [],
  ): Promise<Change | undefined> {
    const { rows, emit } = this.#context
    let change: Change | undefined
    await rows.update(connection.storeKey, (before) => {
      const after = next(before)
      change = before && after && { before, after }
      return after
    })
    if (change === undefined) return undefined
    const { before, after } = change
    for (const event of [...eventsOf(before), ...stateEvents(before, after)]) emit(event, connection, after)
    return change
  }

  /** Makes a staged credential that worked the current one, once in all processes. */
  async promote(connection: Connection, staged: SpareCredential): Promise<boolean> {
    const { clock } = this.#context
    const change = await this.change(
      connection,
      (record) => (record && hasStaged(record, staged) ? promoted(record, staged, clock.now()) : undefined),
      () => [{ kind: 'rotated', wasStaged: true }],
    )
    return change !== undefined
  }

  /** Drops a staged credential that was refused. */
  async reject(connection: Connection, staged: SpareCredential): Promise<boolean> {
    const change = await this.change(
      connection,
      (record) => (record && hasStaged(record, staged) ? withoutSpare(record, 'staged') : undefined),
      () => [{ kind: 'rotation_failed', staged }],
    )
    return change !== undefined
  }

  /**
   * Notes that a call succeeded with a credential.
   * @param current the record as the call read it
   */
  async accepted(connection: Connection, current: ConnectionRecord, { role, spare }: Candidate): Promise<void> {
    if (role === 'current') await this.#recovered(connection, current)
    else if (role !== 'staged') await this.#spareUsed(connection, current, role)
    else if (spare !== undefined) await this.promote(connection, spare)
  }

  /**
   * Notes that the provider refused the current credential, which cannot be refreshed. It is tried again; if it is still
   * refused a minute later, the connection needs a user.
   */
  async refused(connection: Connection, refused: ConnectionRecord): Promise<void> {
    const now = this.#context.clock.now()
    await this.change(connection, (record) => {
      if (record === undefined || record.state === 'revoked' || !isSameCredential(record, refused)) return undefined
      const since = record.trouble?.reason === REFUSED ? sinceIn(record.trouble.since, now) : now
      const change = now - since >= FINAL_AFTER_MS ? 'refuse' : 'fail'
      const isExpired = record.expiresAt !== undefined && now >= record.expiresAt
      const trouble = { reason: REFUSED, hint: isExpired ? HINTS.expired : HINTS.refused, since }
      const next = { ...record, state: stateAfter(record.state ?? 'active', change), trouble }
      const isNoted = record.state === next.state && JSON.stringify(record.trouble) === JSON.stringify(trouble)
      return isNoted ? undefined : next
    })
  }

  /** Notes that the provider refused a token that had just been refreshed after a 401, so the token is not the reason. */
  async refusedFresh(connection: Connection, refused: ConnectionRecord): Promise<void> {
    const at = this.#context.clock.now()
    await this.change(connection, (record) => {
      const { generation = 0, grant, refusedFresh } = record ?? {}
      const isSame = grant !== undefined && grant.accessToken === refused.grant?.accessToken
      if (record === undefined || !isSame || refusedFresh?.generation === generation) return undefined
      return { ...record, refusedFresh: { generation, at } }
    })
  }

  /** Emits the warnings that are due, each once in all processes. */
  async warn(connection: Connection): Promise<number> {
    const { clock, warningDays } = this.#context
    let warnings: readonly ExpiryWarning[] = []
    await this.change(
      connection,
      (record) => {
        if (record === undefined || record.state === 'revoked') return undefined
        const found = expiryWarnings(record, warningDays, clock.now())
        warnings = found.warnings
        return warnings.length > 0 ? found.record : undefined
      },
      () => warnings.map((warning) => ({ kind: 'expiring', ...warning })),
    )
    return warnings.length
  }

  async #recovered(connection: Connection, accepted: ConnectionRecord): Promise<void> {
    if (!isAboutRefusal(accepted)) return
    await this.change(connection, (before) => {
      if (before === undefined || !isAboutRefusal(before) || !isSameCredential(before, accepted)) return undefined
      const { trouble, state = 'active', ...record } = before
      const to = stateAfter(state, 'prove')
      return to === 'active' ? record : { ...record, state: to, trouble }
    })
  }

  async #spareUsed(connection: Connection, refused: ConnectionRecord, used: Exclude<SpareRole, 'staged'>) {
    const now = this.#context.clock.now()
    await this.change(
      connection,
      (record) => {
        if (record === undefined || isResting(record.trouble, now) || !isSameCredential(record, refused)) {
          return undefined
        }
        return resting(record, now)
      },
      ({ trouble }) => (trouble?.reason === BACKUP_IN_USE ? [] : [{ kind: 'backup_used', used }]),
    )
  }
}

function stateEvents({ state: from = 'active' }: ConnectionRecord, { state: to = 'active' }: ConnectionRecord) {
  const events: VaultEvent[] = []
  if (from === to) return events
  if (to === 'active') events.push({ kind: 'recovered' })
  if (to === 'degraded' || to === 'needs_reauth') events.push({ kind: to })
  return events
}

const isAboutRefusal = ({ trouble }: ConnectionRecord): boolean =>
  trouble?.reason === REFUSED || trouble?.reason === BACKUP_IN_USE
