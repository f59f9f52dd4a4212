import type { Clock } from '@mcpclient/core'
import type { PendingCall } from '../elicitation/question.ts'

/** Far below any time limit of a request. */
const EXTEND_EVERY_MS = 250

interface PendingRequest {
  readonly call: PendingCall | undefined
  readonly extend: () => void
}

/** The pending requests of one session. */
export class PendingCalls {
  readonly #clock: Clock
  readonly #requests = new Set<PendingRequest>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isEmpty(): boolean {
    return this.#requests.size === 0
  }

  /** The tool calls among the requests. */
  get calls(): readonly PendingCall[] {
    // A copy without the input, which belongs to the caller.
    return [...this.#requests].flatMap(({ call }) =>
      call === undefined ? [] : [{ requestId: call.requestId, toolName: call.toolName, principal: call.principal }],
    )
  }

  add(request: PendingRequest): void {
    this.#requests.add(request)
  }

  delete(request: PendingRequest): void {
    this.#requests.delete(request)
  }

  /** Pauses the time limits of all requests while `promise` is pending: the user is asked, or a program is installed. */
  async pausedWhile<Value>(promise: Promise<Value>): Promise<Value> {
    let cancel: (() => void) | undefined
    const extendAll = () => {
      for (const { extend } of this.#requests) extend()
      cancel = this.#clock.schedule(EXTEND_EVERY_MS, extendAll)
    }
    extendAll()
    try {
      return await promise
    } finally {
      cancel?.()
      for (const { extend } of this.#requests) extend()
    }
  }
}
