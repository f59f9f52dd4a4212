import { ConnectorError } from '../errors/connector-error.ts'
import type { Signer, UnsignedRequest } from '../ports/credential-source.ts'
import type { ConnectionRecord } from './connection-record.ts'
import { REFUSED_AFTER_REFRESH } from './connector-vault.ts'
import type { ConnectorVault } from './connector-vault.ts'
import { isRefusal, reasonOf } from './credential-guard.ts'
import { missingScopes } from './needs-scope.ts'
import { candidatesOf } from './stand-ins.ts'
import type { Candidate } from './stand-ins.ts'

/** The longest that a call waits for the store to note what became of a credential. */
const MAX_NOTE_MS = 1000

type Send<Result> = (signer: Signer) => Promise<Result>

/** A request in which a credential is used, and how it is sent with one. */
interface Use<Result> {
  readonly request: UnsignedRequest
  readonly send: (record: ConnectionRecord) => Promise<Result>
}

/**
 * Sends requests with the connection's credential, and with another one if the provider rejects that: a refreshed one, one
 * that is to take over, the previous one, the backup. A rejected request was not processed, so it may be sent again.
 */
export class CredentialUse {
  readonly #vault: ConnectorVault
  readonly #needsScope: (request: UnsignedRequest, missing: readonly string[]) => Promise<ConnectorError>

  /** @param needsScope returns the error of a request whose tool needs scopes that were not granted */
  constructor(
    vault: ConnectorVault,
    needsScope: (request: UnsignedRequest, missing: readonly string[]) => Promise<ConnectorError>,
  ) {
    this.#vault = vault
    this.#needsScope = needsScope
  }

  send<Result>(request: UnsignedRequest, send: Send<Result>): Promise<Result> {
    const { guard } = this.#vault
    const use: Use<Result> = { request, send: this.#audited(request, send) }
    const { connection, principal, requestId } = request.call
    // The host's policy is asked before the credential is looked up.
    const asking = guard.restricts ? guard.allow('use', principal, connection, requestId) : undefined
    return asking === undefined ? this.#find(use) : asking.then(() => this.#find(use, true))
  }

  /** @param hasWaited the attempt may have timed out meanwhile */
  #find<Result>(use: Use<Result>, hasWaited = false): Promise<Result> {
    const { signal, call } = use.request
    if (hasWaited) signal?.throwIfAborted()
    const found = this.#vault.find(call.connection)
    if (!(found instanceof Promise)) return this.#sendWith(use, found)
    return found.then((record) => {
      use.request.signal?.throwIfAborted()
      return this.#sendWith(use, record)
    })
  }

  #audited<Result>({ call }: UnsignedRequest, send: Send<Result>): Use<Result>['send'] {
    const vault = this.#vault
    const { guard } = vault
    if (!guard.auditsUse) return (record) => send(vault.signerOf(record))
    const { connection, principal: actor, requestId } = call
    return async (record) => {
      const about = { actor, record, requestId }
      try {
        const result = await send(vault.signerOf(record))
        void guard.record('use', 'success', connection, about)
        return result
      } catch (error) {
        const outcome = isRefusal(error) ? 'refused' : 'failed'
        void guard.record('use', outcome, connection, { ...about, reason: reasonOf(error) })
        throw error
      }
    }
  }

  #sendWith<Result>(use: Use<Result>, record: ConnectionRecord): Promise<Result> {
    const { scopes } = use.request.call.tool
    const missing = scopes && missingScopes(scopes, record.grant, this.#vault.auth.flow)
    if (missing !== undefined && missing.length > 0) return this.#refuseScopes(use, missing)
    const { successor, trouble } = record
    if (successor !== undefined || trouble !== undefined || this.#vault.succession.isDue(record)) {
      return this.#sendCarefully(use, record)
    }
    return use.send(record).catch(async (error: unknown) => {
      const answer = await this.#renewed(use, record, error)
      if ('result' in answer) return answer.result
      const others = candidatesOf(record, this.#vault.clock.now()).filter(({ role }) => role !== 'first')
      return this.#tryAll(use, record, others, answer)
    })
  }

  async #refuseScopes({ request }: Use<unknown>, missing: readonly string[]): Promise<never> {
    throw await this.#needsScope(request, missing)
  }

  async #sendCarefully<Result>(use: Use<Result>, record: ConnectionRecord): Promise<Result> {
    const { succession, clock } = this.#vault
    const { connection } = use.request.call
    // What cannot be written now is written with a later call.
    if (succession.isDue(record)) await this.#note(use, succession.warn(connection))
    return this.#tryAll(use, record, candidatesOf(record, clock.now()), undefined)
  }

  /** @param refusal of the current credential, if it has been tried */
  async #tryAll<Result>(
    use: Use<Result>,
    record: ConnectionRecord,
    candidates: readonly Candidate[],
    refusal: Refusal | undefined,
  ): Promise<Result> {
    let reported = refusal
    let isLesser = false
    for (const candidate of candidates) {
      const answer = await this.#try(use, candidate)
      if ('result' in answer) {
        if (isLesser) await this.#dropSuccessor(use, record)
        await this.#accepted(use, record, candidate)
        return answer.result
      }
      // The host can do something about the current credential, so its refusal is reported.
      if (candidate.role === 'first' || reported === undefined) reported = answer
      if (candidate.role !== 'successor') continue
      // Whether it may do less than the current one, or neither may do this, the current one will show.
      if (isForbidden(answer.failure)) isLesser = true
      else await this.#dropSuccessor(use, record)
    }
    if (reported === undefined) throw new TypeError('A connection without any credential was used.')
    if (!reported.renewed) await this.#note(use, this.#vault.noteRefusal(use.request.call.connection, record))
    throw reported.failure
  }

  async #try<Result>(use: Use<Result>, { role, record }: Candidate): Promise<Answer<Result>> {
    try {
      return { result: await this.#sendAgain(use, record) }
    } catch (error) {
      if (role === 'first') return this.#renewed(use, record, error)
      if (isRejection(error) || (role === 'successor' && isForbidden(error))) return { failure: error, renewed: false }
      throw error
    }
  }

  /** The current credential stays in use. */
  async #dropSuccessor(use: Use<unknown>, { successor }: ConnectionRecord): Promise<void> {
    if (successor === undefined) return
    await this.#note(use, this.#vault.succession.refused(use.request.call.connection, successor))
  }

  /** The attempt may have timed out while the store or the token endpoint was waited for. */
  #sendAgain<Result>(use: Use<Result>, record: ConnectionRecord): Promise<Result> {
    use.request.signal?.throwIfAborted()
    return use.send(record)
  }

  /** A store that fails or hangs must not change how the call ends, so the note is waited for only a short while. */
  #note({ request: { call } }: Use<unknown>, noting: Promise<unknown>): Promise<void> {
    const { clock, context } = this.#vault
    const leftMs = call.deadline - clock.monotonic()
    return context.composed.lifetime.patiently(noting, Math.min(MAX_NOTE_MS, leftMs / 2))
  }

  /** Sends again with a better credential if there is one; throws `error` if it was not a refusal. */
  async #renewed<Result>(use: Use<Result>, record: ConnectionRecord, error: unknown): Promise<Answer<Result>> {
    if (!isRejection(error)) throw error
    const { connection } = use.request.call
    const better = await this.#vault.afterRefusal(connection, record)
    if (better === undefined) return { failure: error, renewed: false }
    if (better === REFUSED_AFTER_REFRESH) return { failure: notAllowed(error), renewed: true }
    try {
      return { result: await this.#sendAgain(use, better) }
    } catch (again) {
      if (!isRejection(again)) throw again
      if (better.grant === undefined) return { failure: again, renewed: true }
      // Without the note each rejected call would refresh the token again.
      await this.#note(use, this.#vault.noteRefusedFresh(connection, better))
      return { failure: notAllowed(again), renewed: true }
    }
  }

  async #accepted(use: Use<unknown>, record: ConnectionRecord, { role }: Candidate): Promise<void> {
    const { connection } = use.request.call
    const { succession } = this.#vault
    if (role === 'first') await this.#note(use, this.#vault.noteSuccess(connection, record))
    else if (role === 'successor' && record.successor !== undefined) {
      await this.#note(use, succession.proved(connection, record.successor))
    } else await this.#note(use, succession.backedUp(connection, record, role))
  }
}

interface Refusal {
  readonly failure: unknown
  /** Rejected although the token was fresh, so the credential is not the reason. */
  readonly renewed: boolean
}

type Answer<Result> = { readonly result: Result } | Refusal

/** The failure of a request that was rejected although its token is fresh. */
function notAllowed(failure: unknown): unknown {
  if (!ConnectorError.is(failure) || failure.details.reason !== undefined) return failure
  return failure.with({
    reason: REFUSED_AFTER_REFRESH,
    hint: 'The provider rejects a fresh token too: check what the account and the app may do there.',
  })
}

const isForbidden = (error: unknown): boolean =>
  ConnectorError.is(error) && error.code === 'MCP_CLIENT_ERROR' && error.details.status === 403

/** Whether the provider rejected the credential. Unlike `isRefusal`, a host's own policy is not a provider. */
const isRejection = (error: unknown): boolean => ConnectorError.is(error) && error.code === 'MCP_AUTHENTICATION_FAILURE'
