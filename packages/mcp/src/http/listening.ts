import { sleep } from '@mcpclient/core'
import type { Clock } from '@mcpclient/core'

/** The rate at which a kind of stream is opened. */
interface Pace {
  /** The shortest time between the end of a stream and the next one. */
  readonly floorMs: number
  /** The wait after a first stream without data. It doubles with each. */
  readonly baseMs: number
  readonly maxMs: number
  /** Streams without data in a row after which none is opened any more. */
  readonly maxEmpty: number
}

/** Streams for messages that respond to no request. */
const LISTENING: Pace = { floorMs: 1000, baseMs: 1000, maxMs: 60_000, maxEmpty: 6 }
/** Streams that resume the response to a request, whose own time limit applies. */
const RESUMING: Pace = { floorMs: 0, baseMs: 100, maxMs: 5000, maxEmpty: Number.POSITIVE_INFINITY }
/** The age at which a stream without data counts as a good one: proxies close idle streams. */
const STABLE_MS = 30_000

class PacedStreams {
  readonly #pace: Pace
  readonly #clock: Clock
  #emptyStreams = 0
  #notBefore = Number.NEGATIVE_INFINITY

  constructor(pace: Pace, clock: Clock) {
    this.#pace = pace
    this.#clock = clock
  }

  /** Waits until a stream may be opened. Returns false if none should be opened any more. */
  async mayOpen(signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#emptyStreams >= this.#pace.maxEmpty) return false
    const waitMs = this.#notBefore - this.#clock.monotonic()
    if (waitMs > 0) await sleep(this.#clock, waitMs, signal)
    return true
  }

  /** Returns the same body, and records whether it brings data and when it ends. */
  watch(body: ReadableStream<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
    const openedAt = this.#clock.monotonic()
    const decoder = new TextDecoder()
    let tail = ''
    let hasData = false
    const onEnd = (): void => {
      this.#ended(hasData || this.#clock.monotonic() - openedAt >= STABLE_MS)
    }
    const reader = body.getReader()
    return new ReadableStream({
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) {
            onEnd()
            controller.close()
            return
          }
          if (!hasData) {
            tail = `${tail}${decoder.decode(value, { stream: true })}`
            hasData = DATA.test(tail)
            tail = tail.slice(-MAX_TAIL)
          }
          controller.enqueue(value)
        } catch (error) {
          onEnd()
          controller.error(error)
        }
      },
      cancel: (reason) => reader.cancel(reason),
    })
  }

  #ended(hasData: boolean): void {
    const { floorMs, baseMs, maxMs } = this.#pace
    const backoffMs = hasData ? 0 : Math.min(maxMs, baseMs * 2 ** this.#emptyStreams)
    this.#emptyStreams = hasData ? 0 : this.#emptyStreams + 1
    this.#notBefore = this.#clock.monotonic() + Math.max(floorMs, backoffMs)
  }
}

/** A line of an event with data. A priming event has only an id. */
const DATA = /(?:^|[\r\n])data:[^\r\n]*[^\s]/u
const MAX_TAIL = 64

/**
 * Paces the streams that a client opens with GET. A server may end them at any time, and the SDK opens the next one after
 * the delay that the server names, which may be a millisecond.
 */
export class Listening {
  readonly #listening: PacedStreams
  readonly #resuming: PacedStreams

  constructor(clock: Clock) {
    this.#listening = new PacedStreams(LISTENING, clock)
    this.#resuming = new PacedStreams(RESUMING, clock)
  }

  /**
   * Opens a stream with `send`, after the delay that is due.
   * @returns 405 if the server offers no stream, or none with data, so that the SDK opens no other
   */
  async open(init: RequestInit, send: () => Promise<Response>): Promise<Response> {
    const streams = new Headers(init.headers).has('last-event-id') ? this.#resuming : this.#listening
    if (!(await streams.mayOpen(init.signal ?? undefined))) return noStream()
    const response = await send()
    if (!response.ok) return response
    const { body, status, headers } = response
    const isStream = headers.get('content-type')?.toLowerCase().startsWith('text/event-stream') === true
    if (isStream && body !== null && status === 200) return new Response(streams.watch(body), { status, headers })
    await body?.cancel().catch(() => undefined)
    return noStream()
  }
}

const noStream = (): Response => new Response(null, { status: 405 })
