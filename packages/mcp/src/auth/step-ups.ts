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

/** How to get what is lacking: where to agree, or why there is no such place. */
interface Way {
  readonly authorizeUrl?: string | undefined
  readonly hint: string
}

/** So often a person is sent to agree to the same scopes; a server that then still refuses them will not stop. */
const MOST_TRIES = 3
/** After this time without a refusal the count starts anew. */
const FORGET_MS = 24 * 3_600_000
const MOST_REMEMBERED = 1000

const nobody: Way = { hint: 'Nobody can be asked for more: look at what the app may do at the server.' }
const enough: Way = {
  hint: `Agreeing did not help, ${MOST_TRIES} times: look at what this account may do at the server.`,
}
const to = (authorizeUrl: string): Way => ({ authorizeUrl, hint: 'Send the person to authorizeUrl.' })

/** What servers asked for beyond the grants that there are, and how often people were sent to agree to it. */
export class StepUps {
  readonly #clock: Clock
  readonly #canAsk: boolean
  readonly #known = new Map<string, StepUp>()
  readonly #underWay = new Map<string, Promise<Way>>()

  /** @param canAsk whether there is a person who could agree to more */
  constructor(clock: Clock, canAsk: boolean) {
    this.#clock = clock
    this.#canAsk = canAsk
  }

  /** The failure as the host sees it: where a server wants a wider grant, with the URL at which a person can give it. */
  async explain(failure: unknown, host: ClientHost): Promise<unknown> {
    if (!ConnectorError.is(failure) || failure.details.reason !== 'needs_scope') return failure
    const way = this.#canAsk ? await this.#wayFor(failure, host) : nobody
    return new ConnectorError('MCP_AUTHENTICATION_FAILURE', failure.message, { ...failure.details, ...way })
  }

  /** One URL for all calls that lack the same at the same time. */
  #wayFor(failure: ConnectorError, host: ClientHost): Promise<Way> {
    const { scopes = [] } = failure.details
    const key = JSON.stringify([host.connection.key, ...scopes.toSorted()])
    const underWay = this.#underWay.get(key)
    if (underWay !== undefined) return underWay
    const way = this.#findWay(key, host, scopes, challengeIn(failure))
      .catch((error: unknown): Way => ({ hint: (ConnectorError.is(error) && error.details.hint) || nobody.hint }))
      .finally(() => this.#underWay.delete(key))
    this.#underWay.set(key, way)
    return way
  }

  async #findWay(key: string, host: ClientHost, scopes: readonly string[], challenge = ''): Promise<Way> {
    const { connectedAt: consent } = await host.status()
    const now = this.#clock.now()
    const last = this.#known.get(key)
    const known = last !== undefined && now < last.expiresAt + FORGET_MS ? last : undefined
    const isFollowed = known !== undefined && known.consent !== consent
    if (known !== undefined && !isFollowed && now < known.expiresAt) return to(known.url)
    // A URL that nobody went to was no try.
    const tries = known === undefined ? 1 : isFollowed ? known.tries + 1 : known.tries
    if (tries > MOST_TRIES) return enough
    const result = await host.connect(undefined, { challenge, ...(scopes.length > 0 && { scopes }) })
    if (result.status !== 'authorize') return nobody
    const { url, expiresAt } = result
    this.#known.delete(key)
    this.#known.set(key, { tries, consent, url, expiresAt })
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST_REMEMBERED) break
      this.#known.delete(oldest)
    }
    return to(url)
  }
}
