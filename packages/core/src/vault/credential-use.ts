import type { ConnectorError } from '../errors/connector-error.ts'
import type { Signer, UnsignedRequest } from '../ports/credential-source.ts'
import type { ConnectionRecord, SpareCredential } from './connection-record.ts'
import type { ConnectorVault } from './connector-vault.ts'
import { credentialsToTry } from './credential-list.ts'
import type { Candidate } from './credential-list.ts'
import { isForbidden, isRejection, REFUSED_AFTER_REFRESH, refusedAfterRefresh } from './credential-refusal.ts'
import { missingScopes } from './needs-scope.ts'

/** The longest that a call waits for the store to note what a provider said about a credential. */
const MAX_NOTE_MS = 1000

/** A request that needs a credential, and how it is sent with one. */
interface Use<Result> {
  readonly request: UnsignedRequest
  readonly send: (signer: Signer) => Promise<Result>
}

type Outcome<Result> = { readonly result: Result } | { readonly failure: unknown }

/**
 * Sends requests with the connection's credentials in order: after a refusal the next one is tried. A rejected request was
 * not processed, so it may be sent again.
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

  send<Result>(request: UnsignedRequest, send: Use<Result>['send']): Promise<Result> {
    const { guard } = this.#vault
    const use: Use<Result> = { request, send }
    const { connection, principal, requestId } = request.call
    // The host's policy is asked before the credential is looked up.
    const asking = guard.restricts ? guard.assertAllowed('use', principal, connection, requestId) : undefined
    return asking === undefined ? this.#find(use) : asking.then(() => this.#find(use))
  }

  #find<Result>(use: Use<Result>): Promise<Result> {
    const found = this.#vault.find(use.request.call.connection)
    return found instanceof Promise ? found.then((record) => this.#use(use, record)) : this.#use(use, found)
  }

  #use<Result>(use: Use<Result>, record: ConnectionRecord): Promise<Result> {
    const { scopes } = use.request.call.tool
    const missing = scopes && missingScopes(scopes, record.grant, this.#vault.auth.flow)
    if (missing !== undefined && missing.length > 0) return this.#refuseScopes(use, missing)
    if (!this.#vault.rotation.isRoutine(record)) return this.#tryInOrder(use, record)
    const sent = this.#send(use, record)
    return sent.catch(() => this.#tryInOrder(use, record, sent))
  }

  async #refuseScopes({ request }: Use<unknown>, missing: readonly string[]): Promise<never> {
    throw await this.#needsScope(request, missing)
  }

  /** Rejects if the attempt timed out while the store or the token endpoint was waited for. */
  #send<Result>({ request, send }: Use<Result>, record: ConnectionRecord): Promise<Result> {
    const { signal, call } = request
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    const { guard } = this.#vault
    const signer = this.#vault.signerOf(record)
    return guard.auditsUse ? guard.auditUse(call, record, () => send(signer)) : send(signer)
  }

  /** @param sent the attempt with the first credential, if it was made */
  async #tryInOrder<Result>(use: Use<Result>, record: ConnectionRecord, sent?: Promise<Result>): Promise<Result> {
    const { rotation, clock } = this.#vault
    const { connection } = use.request.call
    let attempt = sent
    let refusal: { readonly failure: unknown } | undefined
    let weaker: SpareCredential | undefined
    if (rotation.isExpiryDue(record)) await this.#note(use, rotation.warn(connection))
    for (const candidate of credentialsToTry(record, clock.now())) {
      const { role, spare } = candidate
      const outcome = await this.#try(use, candidate, attempt)
      attempt = undefined
      if ('result' in outcome) {
        if (weaker !== undefined) await this.#note(use, rotation.reject(connection, weaker))
        await this.#note(use, rotation.accepted(connection, record, candidate))
        return outcome.result
      }
      // The host can do something about the current credential, so its refusal is reported.
      if (refusal === undefined || role === 'current') refusal = outcome
      if (role !== 'staged' || spare === undefined) continue
      // One that lacks a permission is dropped only if the next one has it.
      if (isForbidden(outcome.failure)) weaker = spare
      else await this.#note(use, rotation.reject(connection, spare))
    }
    await this.#note(use, this.#vault.noteRefusal(connection, record))
    throw refusal?.failure
  }

  async #try<Result>(use: Use<Result>, candidate: Candidate, attempt?: Promise<Result>): Promise<Outcome<Result>> {
    const { role, record } = candidate
    try {
      return { result: await (attempt ?? this.#send(use, record)) }
    } catch (failure) {
      if (role === 'staged' && isForbidden(failure)) return { failure }
      if (!isRejection(failure)) throw failure
      return role === 'current' ? this.#refresh(use, record, failure) : { failure }
    }
  }

  /** Sends again with a refreshed or newer credential, if there is one. */
  async #refresh<Result>(use: Use<Result>, record: ConnectionRecord, failure: unknown): Promise<Outcome<Result>> {
    const { connection } = use.request.call
    const better = await this.#vault.afterRefusal(connection, record)
    if (better === undefined) return { failure }
    if (better === REFUSED_AFTER_REFRESH) return { failure: refusedAfterRefresh(failure) }
    try {
      return { result: await this.#send(use, better) }
    } catch (again) {
      if (!isRejection(again)) throw again
      if (better.grant === undefined) return { failure: again }
      // Without the note each rejected call would refresh the token again.
      await this.#note(use, this.#vault.rotation.refusedFresh(connection, better))
      return { failure: refusedAfterRefresh(again) }
    }
  }

  /** Waits for a note, but not for long: a store that fails or hangs must not change how the call ends. */
  #note({ request: { call } }: Use<unknown>, noting: Promise<unknown>): Promise<void> {
    const { clock, context } = this.#vault
    const leftMs = call.deadline - clock.monotonic()
    return context.composed.lifetime.patiently(noting, Math.min(MAX_NOTE_MS, leftMs / 2))
  }
}
