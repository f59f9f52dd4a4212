import type { Clock } from '@mcpclient/core'
import type { ProtocolClient } from '../protocol/protocol-client.ts'

/** The delay between the last use and the moment from which a connection does not keep this process alive. */
const UNREF_AFTER_MS = 100

export interface KeepAliveContext {
  readonly clock: Clock
  /** Whether a request waits for the server, or a resource is watched. */
  readonly isNeeded: () => boolean
  readonly client: () => ProtocolClient | undefined
}

/**
 * Keeps this process alive while a connection is needed. It is unreferenced a moment after the last call instead of
 * after each: that would cost more than everything else that a call does.
 */
export class KeepAlive {
  readonly #context: KeepAliveContext
  #referenced: ProtocolClient | undefined
  #isUnrefScheduled = false

  constructor(context: KeepAliveContext) {
    this.#context = context
  }

  /** To be called whenever the connection, or the need for it, changed. */
  update(): void {
    const { isNeeded, client } = this.#context
    if (!isNeeded()) {
      this.#scheduleUnref()
      return
    }
    const current = client()
    if (current === this.#referenced) return
    this.#referenced?.unref()
    current?.ref()
    this.#referenced = current
  }

  #scheduleUnref(): void {
    if (this.#referenced === undefined || this.#isUnrefScheduled) return
    this.#isUnrefScheduled = true
    this.#context.clock.schedule(UNREF_AFTER_MS, () => {
      this.#isUnrefScheduled = false
      if (this.#context.isNeeded()) return
      this.#referenced?.unref()
      this.#referenced = undefined
    })
  }
}
