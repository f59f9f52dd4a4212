import { ConnectorError } from '../errors/connector-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { Barrier } from './barrier.ts'
import { FairQueue } from './fair-queue.ts'

/** One call that wants to pass. */
export interface Pass {
  /** Who shares fairly with whom. */
  readonly tenant: string
  /** Everything that can hold this call back. */
  readonly barriers: readonly Barrier[]
  /** The longest it may wait, in milliseconds; 0: pass now or be refused. */
  readonly maxWaitMs: number
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined
}

interface Waiter {
  readonly pass: Pass
  /** Monotonic milliseconds. */
  readonly deadline: number
  readonly onAbort: () => void
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
  /** The one it waits for. */
  barrier: Barrier
  leaveQueue: () => void
}

/** Those who wait for one barrier. A room exists only while somebody is in it. */
interface Room {
  readonly queue: FairQueue<Waiter>
  /** Nobody's time is over before this. */
  deadline: number
  timerAt: number
  cancelTimer: (() => void) | undefined
}

/** What keeps a call from passing now. */
interface Hold {
  readonly by: Barrier
  /** The longest wait that can be known: nobody knows when a call in flight will end. */
  readonly knownMs: number
}

/**
 * Where calls wait until every barrier lets them pass.
 *
 * A call waits in the room of the barrier that holds it longest, so whoever shares a room waits for the same thing, and
 * a call whose own connection is paused stands in nobody's way. When its turn comes and another barrier holds it by
 * then, it goes on to that barrier's room. Inside a room tenants take turns. Nobody overtakes: who comes while others
 * wait for one of its barriers waits behind them.
 *
 * A call that passes at once costs no promise, no timer and no allocation. A wait that would be too long is refused at
 * the start, so the only calls refused after waiting are those whose way became longer meanwhile.
 */
export class Gate {
  readonly #clock: Clock
  readonly #rooms = new Map<string, Room>()

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock
  }

  /** How many calls are waiting. */
  get waiting(): number {
    let waiting = 0
    for (const { queue } of this.#rooms.values()) waiting += queue.size
    return waiting
  }

  /**
   * Answers undefined if the call has passed, else a promise that resolves when it has. Once it has passed, and only
   * then, {@link Gate.leave} is due.
   *
   * The promise rejects with MCP_RATE_LIMIT_EXCEEDED if the wait is longer than `maxWaitMs`, with `retryAfterMs` where
   * that can be known; with CONFIGURATION_ERROR if the call costs more than one of its limits ever holds; and with the
   * signal's reason as soon as it aborts.
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

  /** Gives back what the call held while it was in flight, and lets in who waited for it. */
  leave(pass: Pass): void {
    for (const barrier of pass.barriers) {
      if (barrier.leave === undefined) continue
      barrier.leave()
      if (this.#rooms.size > 0) this.#letIn(barrier.room)
    }
  }

  /** Sends everybody away who waits. */
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

  /** @param passed a barrier that is known to be open, and that the call need not queue for any more */
  #hold(pass: Pass, nowMs: number, passed?: Barrier): Hold | undefined {
    let by: Barrier | undefined
    let longest = -1
    let knownMs = 0
    for (const barrier of pass.barriers) {
      if (barrier === passed) continue
      const room = this.#rooms.size === 0 ? undefined : this.#rooms.get(barrier.room)
      const wait = barrier.waitMs(room?.queue.ahead(pass.tenant, barrier.cost) ?? 0, nowMs)
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
    if (maxWaitMs <= 0 || hold.knownMs > maxWaitMs) return Promise.reject(refusal(hold.knownMs, maxWaitMs))
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
      room = { queue: new FairQueue(), deadline: Infinity, timerAt: Infinity, cancelTimer: undefined }
      this.#rooms.set(barrier.room, room)
    }
    waiter.barrier = barrier
    waiter.leaveQueue = room.queue.push(waiter.pass.tenant, waiter, barrier.cost)
    room.deadline = Math.min(room.deadline, waiter.deadline)
    this.#setTimer(barrier.room, room, nowMs)
  }

  /** Lets in everybody whose turn has come, and sends on who is held elsewhere by now. */
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
    waiter.reject(refusal(knownMs, waiter.pass.maxWaitMs))
  }

  /** The room's one timer: when its first can pass, or when somebody's time is over. Without anybody, no room. */
  #setTimer(name: string, room: Room, nowMs: number): void {
    const first = room.queue.peek()
    const dueAt = first === undefined ? Infinity : Math.min(nowMs + first.barrier.waitMs(0, nowMs), room.deadline)
    if (first === undefined) this.#rooms.delete(name)
    // A timer that is set already and fires in the same millisecond serves as well.
    else if (room.cancelTimer !== undefined && room.timerAt >= dueAt && room.timerAt < dueAt + 1) return
    room.cancelTimer?.()
    room.cancelTimer = undefined
    if (dueAt === Infinity) return
    // Timers cut fractions off, and one that fires early would find the barrier still closed.
    const delayMs = Math.max(Math.ceil(dueAt - nowMs), 0)
    room.timerAt = nowMs + delayMs
    room.cancelTimer = this.#clock.schedule(delayMs, () => {
      room.cancelTimer = undefined
      this.#letIn(name)
      this.#expire(name, room)
    })
  }

  /** Refuses those whose time is over: others came between, or the barrier was closed for longer. */
  #expire(name: string, room: Room): void {
    const nowMs = this.#clock.monotonic()
    if (room.deadline > nowMs || room.queue.size === 0) return
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

/** The call was never sent, so even a write may be tried again. */
function refusal(knownMs: number, maxWaitMs: number): ConnectorError {
  const wait = knownMs > 0 ? `${String(Math.ceil(knownMs))} ms` : 'an unknown time'
  const message = `A rate limit would hold this call for ${wait}; it may wait ${String(maxWaitMs)} ms.`
  return new ConnectorError('MCP_RATE_LIMIT_EXCEEDED', message, {
    outcome: 'not_processed',
    ...(knownMs > 0 && { retryAfterMs: Math.ceil(knownMs) }),
  })
}
