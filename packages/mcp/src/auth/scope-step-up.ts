import { ConnectorError } from '@mcpclient/core'
import type { ClientHost, Clock } from '@mcpclient/core'
import { challengeIn } from '../failures/refusal.ts'

interface Pending {
  attempts: number
  /** The connection's consent when the URL was created. A later one means that the user has consented since. */
  consent: string | undefined
  url: string
  /** Milliseconds since the epoch. */
  expiresAt: number
}

/** The way to get the missing scopes: the URL at which the user consents, or the reason why there is none. */
interface Remedy {
  readonly authorizeUrl?: string | undefined
  readonly hint: string
}

/** Consents to the same scopes after which the server is not expected to accept any. */
const MAX_ATTEMPTS = 3
/** The time without a refusal after which the count starts over. */
const FORGET_AFTER_MS = 24 * 3_600_000
const MAX_REMEMBERED = 1000

const noUser: Remedy = { hint: 'No user can consent to more: check what the app is allowed to do at the server.' }
const exhausted: Remedy = {
  hint: `The user consented ${MAX_ATTEMPTS} times without effect: check what this account is allowed to do at the server.`,
}
const consentAt = (authorizeUrl: string): Remedy => ({ authorizeUrl, hint: 'Send the user to authorizeUrl.' })

/** Step-up: asks the user for scopes that a server requires beyond the grant, a limited number of times. */
export class ScopeStepUp {
  readonly #clock: Clock
  readonly #canAsk: boolean
  readonly #pending = new Map<string, Pending>()
  readonly #inFlight = new Map<string, Promise<Remedy>>()

  /** @param canAsk whether a user can consent */
  constructor(clock: Clock, canAsk: boolean) {
    this.#clock = clock
    this.#canAsk = canAsk
  }

  /** Returns the failure for the host: with the URL at which the user can consent, if scopes are missing. */
  async explain(failure: unknown, host: ClientHost): Promise<unknown> {
    if (!ConnectorError.is(failure) || failure.details.reason !== 'needs_scope') return failure
    const remedy = this.#canAsk ? await this.#remedyFor(failure, host) : noUser
    return new ConnectorError('MCP_AUTHENTICATION_FAILURE', failure.message, { ...failure.details, ...remedy })
  }

  /** Single flight: calls that miss the same scopes at the same time share one URL. */
  #remedyFor(failure: ConnectorError, host: ClientHost): Promise<Remedy> {
    const { scopes = [] } = failure.details
    const key = JSON.stringify([host.connection.key, ...scopes.toSorted()])
    const inFlight = this.#inFlight.get(key)
    if (inFlight !== undefined) return inFlight
    const remedy = this.#findRemedy(key, host, scopes, challengeIn(failure))
      .catch((error: unknown): Remedy => ({ hint: (ConnectorError.is(error) && error.details.hint) || noUser.hint }))
      .finally(() => this.#inFlight.delete(key))
    this.#inFlight.set(key, remedy)
    return remedy
  }

  async #findRemedy(key: string, host: ClientHost, scopes: readonly string[], challenge = ''): Promise<Remedy> {
    const { connectedAt: consent } = await host.accounts.status({})
    const now = this.#clock.now()
    const last = this.#pending.get(key)
    const known = last !== undefined && now < last.expiresAt + FORGET_AFTER_MS ? last : undefined
    const hasConsented = known !== undefined && known.consent !== consent
    if (known !== undefined && !hasConsented && now < known.expiresAt) return consentAt(known.url)
    // A URL without a consent was no attempt.
    const attempts = known === undefined ? 1 : hasConsented ? known.attempts + 1 : known.attempts
    if (attempts > MAX_ATTEMPTS) return exhausted
    const result = await host.accounts.connect(undefined, { challenge, ...(scopes.length > 0 && { scopes }) })
    if (result.status !== 'authorize') return noUser
    const { url, expiresAt } = result
    this.#pending.delete(key)
    this.#pending.set(key, { attempts, consent, url, expiresAt })
    for (const oldest of this.#pending.keys()) {
      if (this.#pending.size <= MAX_REMEMBERED) break
      this.#pending.delete(oldest)
    }
    return consentAt(url)
  }
}
