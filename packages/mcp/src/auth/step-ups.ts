import { ConnectorError } from '@mcpclient/core'
import type { ClientHost, Clock } from '@mcpclient/core'
import { challengeIn } from '../http/refusal.ts'

interface StepUp {
  tries: number
  /** Which consent the connection had when the URL was made: a later one means that somebody has agreed since. */
  consent: string | undefined
  url: string
  /** Milliseconds since the epoch. */
  expiresAt: number
}

/** So often a person is sent to agree to the same scopes; a server that then still refuses them will not stop. */
const MOST_TRIES = 3
/** After this time without a refusal the count starts anew. */
const FORGET_MS = 24 * 3_600_000
const MOST_REMEMBERED = 1000

/** What servers asked for beyond the grants that there are, and how often people were sent to agree to it. */
export class StepUps {
  readonly #clock: Clock
  readonly #canAsk: boolean
  readonly #known = new Map<string, StepUp>()

  /** @param canAsk whether there is a person who could agree to more */
  constructor(clock: Clock, canAsk: boolean) {
    this.#clock = clock
    this.#canAsk = canAsk
  }

  /** The failure as the host sees it: where a server wants a wider grant, with the URL at which a person can give it. */
  async explain(failure: unknown, host: ClientHost): Promise<unknown> {
    if (!ConnectorError.is(failure) || failure.details.reason !== 'needs_scope') return failure
    const { scopes = [] } = failure.details
    const authorizeUrl = await this.#urlFor(host, scopes, challengeIn(failure)).catch(() => undefined)
    const hint =
      authorizeUrl === undefined
        ? 'Nobody can be asked, or agreeing did not help: look at what this account may do at the server.'
        : 'Send the person to authorizeUrl.'
    return new ConnectorError('MCP_AUTHENTICATION_FAILURE', failure.message, { ...failure.details, authorizeUrl, hint })
  }

  /** Undefined: it was tried often enough. */
  async #urlFor(host: ClientHost, scopes: readonly string[], challenge = ''): Promise<string | undefined> {
    if (!this.#canAsk) return undefined
    const key = JSON.stringify([host.connection.key, ...scopes.toSorted()])
    const { connectedAt: consent } = await host.status()
    const now = this.#clock.now()
    const known = this.#known.get(key)
    const isOpen = known !== undefined && known.consent === consent && now < known.expiresAt
    if (isOpen) return known.url
    const tries = known === undefined || now >= known.expiresAt + FORGET_MS ? 0 : known.tries
    if (tries >= MOST_TRIES) return undefined
    const result = await host.connect(undefined, { challenge, ...(scopes.length > 0 && { scopes }) })
    if (result.status !== 'authorize') return undefined
    const { url, expiresAt } = result
    // A URL that nobody went to was no try.
    const isFollowed = known !== undefined && known.consent !== consent
    this.#known.delete(key)
    this.#known.set(key, { tries: isFollowed || known === undefined ? tries + 1 : tries, consent, url, expiresAt })
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST_REMEMBERED) break
      this.#known.delete(oldest)
    }
    return url
  }
}
