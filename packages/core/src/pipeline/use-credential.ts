import type { Attempt } from './call.ts'
import type { Reply } from '../connector/reply.ts'
import { secretsOf } from '../vault/connection-record.ts'
import type { ConnectionRecord } from '../vault/connection-record.ts'
import { candidatesOf } from '../vault/stand-ins.ts'
import type { Candidate } from '../vault/stand-ins.ts'
import { REFUSED_AFTER_REFRESH } from '../vault/vault.ts'
import type { Vault } from '../vault/vault.ts'
import { withoutSecrets } from '../redaction/without-secrets.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Clock } from '../ports/clock.ts'
import { timeLeft } from './call.ts'
import type { ConnectorContext } from './connector-context.ts'
import type { Lifetime } from './lifetime.ts'

/** Time that a call waits for the store to note what became of a credential. */
const MAX_NOTE_MS = 1000

/** Signs one attempt with the credential in `record`, and sends it. */
export type SendWith = (attempt: Attempt, record: ConnectionRecord) => Promise<Reply>

/**
 * Sends an attempt with the connection's credential, and with another one where the provider refuses that: one that was
 * renewed, one that is to take over, the one before, the backup. A refused request was not processed, so it may be sent
 * again.
 */
export class CredentialUse {
  readonly #vault: Vault
  readonly #clock: Clock
  readonly #lifetime: Lifetime
  readonly #sendWith: SendWith

  constructor({ vault, clock, lifetime }: ConnectorContext, sendWith: SendWith) {
    this.#vault = vault
    this.#clock = clock
    this.#lifetime = lifetime
    this.#sendWith = sendWith
  }

  send(attempt: Attempt, record: ConnectionRecord): Promise<Reply> {
    const { successor, trouble } = record
    if (successor !== undefined || trouble !== undefined || this.#vault.succession.isDue(record)) {
      return this.#sendCarefully(attempt, record)
    }
    return this.#sendWith(attempt, record).catch(async (error: unknown) => {
      const answer = await this.#renewed(attempt, record, error)
      if ('reply' in answer) return answer.reply
      const others = candidatesOf(record, this.#clock.now()).filter(({ role }) => role !== 'first')
      return this.#tryAll(attempt, record, others, answer)
    })
  }

  async #sendCarefully(attempt: Attempt, record: ConnectionRecord): Promise<Reply> {
    const { succession } = this.#vault
    const { connection } = attempt.call
    // What cannot be written now is written with a later call.
    if (succession.isDue(record)) await this.#note(attempt, succession.warn(connection))
    return this.#tryAll(attempt, record, candidatesOf(record, this.#clock.now()), undefined)
  }

  /** @param refusal of the first credential, if it has been tried */
  async #tryAll(
    attempt: Attempt,
    record: ConnectionRecord,
    candidates: readonly Candidate[],
    refusal: Refusal | undefined,
  ): Promise<Reply> {
    let told = refusal
    let isLesser = false
    for (const candidate of candidates) {
      const answer = await this.#try(attempt, candidate)
      if ('reply' in answer) {
        if (isLesser) await this.#dropSuccessor(attempt, record)
        await this.#accepted(attempt, record, candidate)
        return answer.reply
      }
      // The first credential is the one that somebody can do something about.
      if (candidate.role === 'first' || told === undefined) told = answer
      if (candidate.role !== 'successor') continue
      // Whether it may do less than the present one, or neither of them may do this, the present one will show.
      if (isForbidden(answer.failure)) isLesser = true
      else await this.#dropSuccessor(attempt, record)
    }
    if (told === undefined) throw new TypeError('A connection without any credential was used.')
    if (!told.renewed) await this.#note(attempt, this.#vault.noteRefusal(attempt.call.connection, record))
    throw told.failure
  }

  async #try(attempt: Attempt, { role, record }: Candidate): Promise<Answer> {
    try {
      return { reply: await this.#sendAgain(attempt, record) }
    } catch (error) {
      if (role === 'first') return this.#renewed(attempt, record, error)
      const failure = withoutSecrets(error, secretsOf(record))
      if (isRefusal(error) || (role === 'successor' && isForbidden(error))) return { failure, renewed: false }
      throw failure
    }
  }

  /** The one before goes on. */
  async #dropSuccessor(attempt: Attempt, { successor }: ConnectionRecord): Promise<void> {
    if (successor === undefined) return
    await this.#note(attempt, this.#vault.succession.refused(attempt.call.connection, successor))
  }

  /** The time limit may have passed while the store or the token endpoint was waited for. */
  #sendAgain(attempt: Attempt, record: ConnectionRecord): Promise<Reply> {
    attempt.signal?.throwIfAborted()
    return this.#sendWith(attempt, record)
  }

  /** A store that fails or hangs must not change how the call ends: the note is waited for a short while. */
  #note({ call }: Attempt, noting: Promise<unknown>): Promise<void> {
    return this.#lifetime.patiently(noting, Math.min(MAX_NOTE_MS, timeLeft(call, this.#clock) / 2))
  }

  /** Tries again with what the vault has that is better; throws `error` if that was no refusal. */
  async #renewed(attempt: Attempt, record: ConnectionRecord, error: unknown): Promise<Answer> {
    const failure = withoutSecrets(error, secretsOf(record))
    if (!isRefusal(error)) throw failure
    const better = await this.#vault.afterRefusal(attempt.call.connection, record)
    if (better === undefined) return { failure, renewed: false }
    if (better === REFUSED_AFTER_REFRESH) return { failure: notAllowed(failure), renewed: true }
    try {
      return { reply: await this.#sendAgain(attempt, better) }
    } catch (again) {
      const refused = withoutSecrets(again, secretsOf(better))
      if (!isRefusal(again)) throw refused
      if (better.grant === undefined) return { failure: refused, renewed: true }
      // Without the note each refused call would refresh the token again.
      await this.#note(attempt, this.#vault.noteRefusedFresh(attempt.call.connection, better))
      return { failure: notAllowed(refused), renewed: true }
    }
  }

  async #accepted(attempt: Attempt, record: ConnectionRecord, { role }: Candidate): Promise<void> {
    const { connection } = attempt.call
    const { succession } = this.#vault
    if (role === 'first') await this.#note(attempt, this.#vault.noteSuccess(connection, record))
    else if (role === 'successor' && record.successor !== undefined) {
      await this.#note(attempt, succession.proved(connection, record.successor))
    } else await this.#note(attempt, succession.backedUp(connection, record, role))
  }
}

interface Refusal {
  readonly failure: unknown
  /** Refused although it had just been renewed, so it is not the credential that is wrong. */
  readonly renewed: boolean
}

type Answer = { readonly reply: Reply } | Refusal

/** The failure of a request that was refused although its token is fresh. */
function notAllowed(failure: unknown): unknown {
  if (!ConnectorError.is(failure) || failure.details.reason !== undefined) return failure
  return failure.with({
    reason: REFUSED_AFTER_REFRESH,
    hint: 'The provider refuses a fresh token too: check what the account and the app may do there.',
  })
}

const isForbidden = (error: unknown): boolean =>
  ConnectorError.is(error) && error.code === 'MCP_CLIENT_ERROR' && error.details.status === 403

const isRefusal = (error: unknown): boolean => ConnectorError.is(error) && error.code === 'MCP_AUTHENTICATION_FAILURE'
