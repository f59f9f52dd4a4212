import { sleep } from '@mcpclient/core'
import type { Clock } from '@mcpclient/core'

/** How often a kind of stream may be opened. */
interface Pace {
  /** The shortest time between the end of a stream and the next one. */
  readonly floorMs: number
  /** The wait after a first stream that brought nothing; it doubles with each. */
  readonly baseMs: number
  readonly maxMs: number
  /** Streams in a row that brought nothing, after which no other one is opened. */
  readonly maxFruitless: number
}

/** Streams on which a server may speak without having been asked. */
const LISTENING: Pace = { floorMs: 1000, baseMs: 1000, maxMs: 60_000, maxFruitless: 6 }
/** Streams that go on with the response to a request: its own time limit ends them. */
const RESUMING: Pace = { floorMs: 0, baseMs: 100, maxMs: 5000, maxFruitless: Number.POSITIVE_INFINITY }
/** A stream that held for so long was a good one, although nothing came: proxies end streams that are idle. */
const STABLE_MS = 30_000

class PacedStreams {
  readonly #pace: Pace
  readonly #clock: Clock
  #fruitless = 0
  #notBefore = Number.NEGATIVE_INFINITY

  constructor(pace: Pace, clock: Clock) {
    this.#pace = pace
    this.#clock = clock
  }

  /** Waits until a stream may be opened; false if none should be any more. */
  async mayOpen(signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#fruitless >= this.#pace.maxFruitless) return false
    const waitMs = this.#notBefore - this.#clock.monotonic()
    if (waitMs > 0) await sleep(this.#clock, waitMs, signal)
    return true
  }

  /** The body, watched for what it brings and for its end. */
  watch(body: ReadableStream<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
    const openedAt = this.#clock.monotonic()
    const decoder = new TextDecoder()
    let tail = ''
    let isFruitful = false
    const over = (): void => {
      this.#ended(isFruitful || this.#clock.monotonic() - openedAt >= STABLE_MS)
    }
    const reader = body.getReader()
    return new ReadableStream({
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) {
            over()
            controller.close()
            return
          }
          if (!isFruitful) {
            tail = `${tail}${decoder.decode(value, { stream: true })}`
            isFruitful = DATA.test(tail)
            tail = tail.slice(-MAX_TAIL)
          }
          controller.enqueue(value)
        } catch (error) {
          over()
          controller.error(error)
        }
      },
      cancel: (reason) => reader.cancel(reason),
    })
  }

  #ended(isFruitful: boolean): void {
    const { floorMs, baseMs, maxMs } = this.#pace
    const backoffMs = isFruitful ? 0 : Math.min(maxMs, baseMs * 2 ** this.#fruitless)
    this.#fruitless = isFruitful ? 0 : this.#fruitless + 1
    this.#notBefore = this.#clock.monotonic() + Math.max(floorMs, backoffMs)
  }
}

/** A line of an event that says something; a priming event has only an id. */
const DATA = /(?:^|[\r\n])data:[^\r\n]*[^\s]/u
const MAX_TAIL = 64

/**
 * Paces the streams that a client opens by GET. A server may end them whenever it likes, and the SDK opens the next one
 * after the time that the server names, which may be a millisecond.
 */
export class Listening {
  readonly #listening: PacedStreams
  readonly #resuming: PacedStreams

  constructor(clock: Clock) {
    this.#listening = new PacedStreams(LISTENING, clock)
    this.#resuming = new PacedStreams(RESUMING, clock)
  }

  /**
   * Opens a stream with `send`, when it is time.
   * @returns 405 where the server offers no stream, or none that brings anything: the SDK then asks no more
   */
  async open(init: RequestInit, send: () => Promise<Response>): Promise<Response> {
    const streams = new Headers(init.headers).has('last-event-id') ? this.#resuming : this.#listening
    if (!(await streams.mayOpen(init.signal ?? undefined))) return nothingToHear()
    const response = await send()
    if (!response.ok) return response
    const { body, status, headers } = response
    const isStream = headers.get('content-type')?.toLowerCase().startsWith('text/event-stream') === true
    if (isStream && body !== null && status === 200) return new Response(streams.watch(body), { status, headers })
    await body?.cancel().catch(() => undefined)
    return nothingToHear()
  }
}

const nothingToHear = (): Response => new Response(null, { status: 405 })
