import type { Connection } from '../identity/connection.ts'
import { isSameCredential } from './connection-record.ts'
import type { ConnectionRecord } from './connection-record.ts'
import { stateAfter } from './connection-state.ts'
import { sinceIn } from './renewal/waits.ts'
import { BACKUP_IN_USE } from './stand-ins.ts'
import type { SuccessionOptions } from './succession.ts'

const REFUSED = 'credential_refused'
const BELIEVED_AFTER_MS = 60_000
const HINTS = {
  refused: 'Connect the account again with a credential that is valid.',
  ended: 'The credential has reached the end that was given with it. Connect the account again with a new one.',
}

const isAboutRefusal = ({ trouble }: Pick<ConnectionRecord, 'trouble'>): boolean =>
  trouble?.reason === REFUSED || trouble?.reason === BACKUP_IN_USE

/**
 * What is known of a credential that cannot be renewed, from the provider's refusing or accepting it. A store that fails
 * here must not hide what is being noted: the next call notes it.
 */
export class RefusalNotes {
  readonly #options: Omit<SuccessionOptions, 'warningDays'>

  constructor(options: Omit<SuccessionOptions, 'warningDays'>) {
    this.#options = options
  }

  /**
   * The provider refused it. Once may be the provider's mistake, so it goes on being tried; refused again a minute later
   * it is reported as `needs_reauth`.
   */
  async refused(connection: Connection, refused: ConnectionRecord): Promise<void> {
    const now = this.#options.clock.now()
    await this.#note(connection, (record) => {
      if (record.state === 'revoked' || !isSameCredential(record, refused)) return undefined
      const since = record.trouble?.reason === REFUSED ? sinceIn(record.trouble.since, now) : now
      const change = now - since >= BELIEVED_AFTER_MS ? 'refuse' : 'fail'
      const ended = record.expiresAt !== undefined && now >= record.expiresAt
      const trouble = { reason: REFUSED, hint: ended ? HINTS.ended : HINTS.refused, since }
      const next = { ...record, state: stateAfter(record.state ?? 'active', change), trouble }
      const isNoted = record.state === next.state && JSON.stringify(record.trouble) === JSON.stringify(trouble)
      return isNoted ? undefined : next
    })
  }

  /** The provider refused a token that had just been refreshed because of a refusal: the token is not the reason. */
  async refusedFresh(connection: Connection, refused: ConnectionRecord): Promise<void> {
    const at = this.#options.clock.now()
    await this.#note(connection, (record) => {
      const { generation = 0, grant, refusedFresh } = record
      const isIt = grant !== undefined && grant.accessToken === refused.grant?.accessToken
      return isIt && refusedFresh?.generation !== generation
        ? { ...record, refusedFresh: { generation, at } }
        : undefined
    })
  }

  /** It works, and had been refused. */
  async worked(connection: Connection, proved: ConnectionRecord): Promise<void> {
    if (!isAboutRefusal(proved)) return
    await this.#note(connection, ({ trouble, state = 'active', ...record }) => {
      if (!isAboutRefusal({ trouble }) || !isSameCredential(record, proved)) return undefined
      const to = stateAfter(state, 'prove')
      return to === 'active' ? record : { ...record, state: to, trouble }
    })
  }

  async #note(connection: Connection, change: (record: ConnectionRecord) => ConnectionRecord | undefined) {
    const { rows, emit } = this.#options
    let before: ConnectionRecord | undefined
    try {
      const row = await rows.update(connection.place, (record) => {
        before = record
        return record && change(record)
      })
      const from = before?.state ?? 'active'
      const to = row?.record.state ?? 'active'
      if (row === undefined || before === undefined || from === to) return
      if (to === 'active') emit({ kind: 'recovered' }, connection, row.record)
      if (to === 'degraded' || to === 'needs_reauth') emit({ kind: to }, connection, row.record)
    } catch {
      // The next call notes it.
    }
  }
}
