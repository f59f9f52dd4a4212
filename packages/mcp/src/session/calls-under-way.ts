import type { Clock } from '@mcpclient/core'
import type { CallUnderWay } from '../elicitation/question.ts'

/** Well below any time limit that a request has. */
const EXTEND_EVERY_MS = 250

interface Waiting {
  readonly call: CallUnderWay | undefined
  readonly extend: () => void
}

/** The requests that wait on one connection. */
export class CallsUnderWay {
  readonly #clock: Clock
  readonly #waiting = new Set<Waiting>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0
  }

  /** The tool calls among them. */
  get calls(): readonly CallUnderWay[] {
    // No more of a call than the host is told: its input is nobody else's business.
    return [...this.#waiting].flatMap(({ call }) =>
      call === undefined ? [] : [{ requestId: call.requestId, toolName: call.toolName, principal: call.principal }],
    )
  }

  add(waiting: Waiting): void {
    this.#waiting.add(waiting)
  }

  delete(waiting: Waiting): void {
    this.#waiting.delete(waiting)
  }

  /** Stops the time limits of all while `promise` is pending: a person is thinking, or a program is being installed. */
  async pausedWhile<Value>(promise: Promise<Value>): Promise<Value> {
    let cancel: (() => void) | undefined
    const extendAll = () => {
      for (const { extend } of this.#waiting) extend()
      cancel = this.#clock.schedule(EXTEND_EVERY_MS, extendAll)
    }
    extendAll()
    try {
      return await promise
    } finally {
      cancel?.()
      for (const { extend } of this.#waiting) extend()
    }
  }
}
