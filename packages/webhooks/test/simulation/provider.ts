import { scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'

/** One subscription at the simulated provider. Times are in milliseconds since 1970. */
interface Watch {
  readonly from: number
  until: number
}

/** A time in which a collection had no subscription. */
export interface Gap {
  readonly collection: string
  readonly from: number
  readonly until: number
}

interface WatchRequest {
  readonly id: string
  readonly expiration: number
}

/** Simulates a provider of subscriptions that fails at random, before and after it acts. */
export class SimulatedProvider {
  readonly #now: () => number
  readonly #random: () => number
  readonly #failing: number
  readonly #watches = new Map<string, Watch[]>()
  readonly #byId = new Map<string, Watch>()
  /** The requests to subscribe that it failed while this is true. */
  isDown = false
  created = 0
  failed = 0

  /** @param failing the share of requests that fail */
  constructor(now: () => number, random: () => number, failing: number) {
    this.#now = now
    this.#random = random
    this.#failing = failing
  }

  /** @param assertRunning throws if the process that sent the request has stopped */
  transport(assertRunning: () => void) {
    return scriptedTransport(({ url, json }): ScriptedReply => {
      assertRunning()
      return this.#respond(new URL(url).pathname, json as WatchRequest)
    })
  }

  /** Returns the times without a subscription, from the first one of each collection on. */
  gaps(): readonly Gap[] {
    return [...this.#watches].flatMap(([collection, watches]) => {
      const gaps: Gap[] = []
      let covered = watches[0]?.from ?? 0
      for (const { from, until } of watches.toSorted((one, other) => one.from - other.from)) {
        if (from > covered) gaps.push({ collection, from: covered, until: from })
        covered = Math.max(covered, until)
      }
      const end = this.#now()
      if (covered < end) gaps.push({ collection, from: covered, until: end })
      return gaps
    })
  }

  /** The subscriptions that are live. */
  get live(): number {
    return [...this.#byId.values()].filter(({ until }) => until > this.#now()).length
  }

  #respond(pathname: string, { id, expiration }: WatchRequest): ScriptedReply {
    if (pathname === '/stop') {
      const watch = this.#byId.get(id)
      if (watch !== undefined) watch.until = Math.min(watch.until, this.#now())
      return { json: {} }
    }
    const chance = this.isDown ? 0 : this.#random()
    if (chance < this.#failing * 0.7) {
      this.failed++
      return { status: 503, json: {} }
    }
    const watch = { from: this.#now(), until: expiration }
    this.#byId.set(id, watch)
    this.created++
    if (chance < this.#failing) {
      // It acted and the response is lost, so the client ignores the notices of this subscription.
      this.failed++
      return new Error('socket hang up')
    }
    const collection = decodeURIComponent(pathname.split('/')[1] ?? '')
    this.#watches.set(collection, [...(this.#watches.get(collection) ?? []), watch])
    return { json: { resourceId: id, expiration } }
  }
}
