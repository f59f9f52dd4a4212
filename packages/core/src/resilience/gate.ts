import { ConnectorError } from '../errors/connector-error.ts'
import { refuse } from '../errors/refuse.ts'
import type { Clock } from '../ports/clock.ts'
import type { Barrier } from './barrier.ts'
import { PriorityQueue } from './priority-queue.ts'

/** One call that waits to pass. */
export interface Pass {
  /** The tenant. Waiting tenants take turns. */
  readonly tenant: string
  /** All barriers of this call. */
  readonly barriers: readonly Barrier[]
  /** Maximum wait in milliseconds. 0: the call passes now or is rejected. */
  readonly maxWaitMs: number
  /** True if the call waits behind all calls that are not in the background. @default false */
  readonly isBackground?: boolean | undefined
  /** Aborts the wait. */
  readonly signal?: AbortSignal | undefined
}

interface Waiter {
  readonly pass: Pass
  /** Monotonic milliseconds. */
  readonly deadline: number
  readonly onAbort: () => void
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
  /** The barrier it waits for. */
  barrier: Barrier
  leaveQueue: () => void
}

/** The calls that wait for one barrier. A room exists only while it has a waiter. */
interface Room {
  readonly queue: PriorityQueue<Waiter>
  /** The earliest deadline in the room, or earlier. */
  deadline: number
  timerAt: number
  cancelTimer: (() => void) | undefined
}

/** The barrier that keeps a call from passing now. */
interface Hold {
  readonly by: Barrier
  /** The longest wait that is known. When a call in flight will end is not. */
  readonly knownMs: number
}

/**
 * Delays calls until all of their barriers let them pass.
 *
 * A call waits in the room of the barrier that holds it longest, so all calls in a room wait for the same thing, and a
 * call whose own connection is paused blocks no other. If another barrier holds it when its turn comes, it moves on to
 * that barrier's room. Within a room tenants take turns, and background calls wait behind all others. A new call queues behind those that already wait for one of its
 * barriers.
 *
 * A call that passes immediately costs no promise, timer or allocation. A wait that is too long is rejected at the start, so
 * a call is rejected after waiting only if its wait became longer meanwhile.
 */
export class Gate {
  readonly #clock: Clock
  readonly #rooms = new Map<string, Room>()

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock
  }

  /** Number of rooms, of which each has a waiting call. */
  get size(): number {
    return this.#rooms.size
  }

  /**
   * Returns undefined if the call has passed, else a promise that resolves when it has. Call {@link Gate.leave} once it
   * has passed, and only then.
   *
   * The promise rejects with MCP_RATE_LIMIT_EXCEEDED if the wait exceeds `maxWaitMs`, with `retryAfterMs` if it is known;
   * with CONFIGURATION_ERROR if the call costs more than one of its limits ever holds; and with the signal's reason as
   * soon as it aborts.
   */
  enter(pass: Pass): undefined | Promise<void> {
    if (pass.signal?.aborted === true) return Promise.reject(pass.signal.reason as Error)
    const nowMs = this.#clock.monotonic()
    try {
      const hold = this.#hold(pass, nowMs)
      if (hold !== undefined) return this.#wait(pass, hold, nowMs)
    } catch (error) {
      return Promise.reject(error)
    }
    for (const barrier of pass.barriers) barrier.take(nowMs)
    return undefined
  }

  /**
   * Releases what the call held while in flight, and admits calls that waited for it.
   * @param isServed false if the provider refused it because of a limit
   */
  leave(pass: Pass, isServed = true): void {
    for (const barrier of pass.barriers) {
      if (barrier.leave === undefined) continue
      barrier.leave(isServed)
      if (this.#rooms.size > 0) this.#letIn(barrier.room)
    }
  }

  /** Rejects every waiting call. */
  close(reason: Error): void {
    for (const room of this.#rooms.values()) {
      room.cancelTimer?.()
      for (const waiter of room.queue) {
        waiter.pass.signal?.removeEventListener('abort', waiter.onAbort)
        waiter.reject(reason)
      }
    }
    this.#rooms.clear()
  }

  /** @param passed a barrier that is known to be open, and for which the call need not queue again */
  #hold(pass: Pass, nowMs: number, passed?: Barrier): Hold | undefined {
    let by: Barrier | undefined
    let longest = -1
    let knownMs = 0
    for (const barrier of pass.barriers) {
      if (barrier === passed) continue
      const room = this.#rooms.size === 0 ? undefined : this.#rooms.get(barrier.room)
      const wait = barrier.waitMs(room?.queue.ahead(pass.tenant, barrier.cost, pass.isBackground ?? false) ?? 0, nowMs)
      if (room === undefined && wait === 0) continue
      if (wait !== Infinity) knownMs = Math.max(knownMs, wait)
      if (wait <= longest) continue
      by = barrier
      longest = wait
    }
    return by === undefined ? undefined : { by, knownMs }
  }

  #wait(pass: Pass, hold: Hold, nowMs: number): Promise<void> {
    const { signal, maxWaitMs } = pass
    if (maxWaitMs <= 0 || hold.knownMs > maxWaitMs) return refuse(...refusal(hold.knownMs, maxWaitMs))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const onAbort = () => {
      waiter.leaveQueue()
      reject(signal?.reason as Error)
      this.#letIn(waiter.barrier.room)
    }
    const deadline = nowMs + maxWaitMs
    const waiter: Waiter = { pass, deadline, onAbort, resolve, reject, barrier: hold.by, leaveQueue() {} }
    this.#join(waiter, hold.by, nowMs)
    signal?.addEventListener('abort', onAbort, { once: true })
    return promise
  }

  #join(waiter: Waiter, barrier: Barrier, nowMs: number): void {
    let room = this.#rooms.get(barrier.room)
    if (room === undefined) {
      room = { queue: new PriorityQueue(), deadline: Infinity, timerAt: Infinity, cancelTimer: undefined }
      this.#rooms.set(barrier.room, room)
    }
    waiter.barrier = barrier
    const { tenant, isBackground = false } = waiter.pass
    waiter.leaveQueue = room.queue.push(tenant, waiter, barrier.cost, isBackground)
    room.deadline = Math.min(room.deadline, waiter.deadline)
    this.#setTimer(barrier.room, room, nowMs)
  }

  /** Admits the calls whose turn has come, and moves those that another barrier holds by now. */
  #letIn(name: string): void {
    const room = this.#rooms.get(name)
    if (room === undefined) return
    const nowMs = this.#clock.monotonic()
    for (let waiter = room.queue.peek(); waiter !== undefined; waiter = room.queue.peek()) {
      if (waiter.barrier.waitMs(0, nowMs) > 0) break
      room.queue.shift()
      const hold = this.#hold(waiter.pass, nowMs, waiter.barrier)
      if (hold === undefined) this.#admit(waiter, nowMs)
      else if (nowMs + hold.knownMs > waiter.deadline) this.#refuse(waiter, hold.knownMs)
      else this.#join(waiter, hold.by, nowMs)
    }
    this.#setTimer(name, room, nowMs)
  }

  #admit(waiter: Waiter, nowMs: number): void {
    for (const barrier of waiter.pass.barriers) barrier.take(nowMs)
    waiter.pass.signal?.removeEventListener('abort', waiter.onAbort)
    waiter.resolve()
  }

  #refuse(waiter: Waiter, knownMs: number): void {
    waiter.pass.signal?.removeEventListener('abort', waiter.onAbort)
    waiter.reject(new ConnectorError(...refusal(knownMs, waiter.pass.maxWaitMs)))
  }

  /** Sets the room's timer for the next admission or deadline, or removes the empty room. */
  #setTimer(name: string, room: Room, nowMs: number): void {
    const first = room.queue.peek()
    const dueAt = first === undefined ? Infinity : Math.min(nowMs + first.barrier.waitMs(0, nowMs), room.deadline)
    if (first === undefined) this.#rooms.delete(name)
    // A pending timer that fires in the same millisecond will do.
    else if (room.cancelTimer !== undefined && room.timerAt >= dueAt && room.timerAt < dueAt + 1) return
    room.cancelTimer?.()
    room.cancelTimer = undefined
    if (dueAt === Infinity) return
    // Timers drop fractions, and one that fires early would find the barrier still closed.
    const delayMs = Math.max(Math.ceil(dueAt - nowMs), 0)
    room.timerAt = nowMs + delayMs
    room.cancelTimer = this.#clock.schedule(delayMs, () => {
      room.cancelTimer = undefined
      this.#letIn(name)
      this.#expire(name, room)
    })
  }

  /** Refuses the calls whose deadline has passed because their wait became longer. */
  #expire(name: string, room: Room): void {
    const nowMs = this.#clock.monotonic()
    if (room.deadline > nowMs || room.queue.peek() === undefined) return
    room.deadline = Infinity
    for (const waiter of [...room.queue]) {
      if (waiter.deadline > nowMs) {
        room.deadline = Math.min(room.deadline, waiter.deadline)
      } else {
        waiter.leaveQueue()
        this.#refuse(waiter, this.#hold(waiter.pass, nowMs)?.knownMs ?? 0)
      }
    }
    this.#setTimer(name, room, nowMs)
  }
}

/** Returns the parts of the error of a rejected call. It was never sent, so even a write can be retried. */
function refusal(knownMs: number, maxWaitMs: number): ConstructorParameters<typeof ConnectorError> {
  const wait = knownMs > 0 ? `${String(Math.ceil(knownMs))} ms` : 'an unknown time'
  const message = `A rate limit would delay this call by ${wait}; it may wait ${String(maxWaitMs)} ms.`
  const retryAfterMs = knownMs > 0 ? Math.ceil(knownMs) : undefined
  return ['MCP_RATE_LIMIT_EXCEEDED', message, { outcome: 'not_processed', retryAfterMs }]
}
