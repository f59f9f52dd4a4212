import type { AuthorizationServer } from './authorization-server.ts'
import type { Judge } from './judge.ts'
import type { Odds, Plan, TroubleKind } from './plan.ts'
import type { Silence } from './rare-faults.ts'
import type { VirtualTime } from './virtual-time.ts'
import type { Worker } from './worker.ts'

/** The shared state of one schedule. */
export interface SimulationContext {
  readonly plan: Plan
  readonly time: VirtualTime
  readonly random: () => number
  readonly server: AuthorizationServer
  readonly judge: Judge
  /** Returns whether this fault happens now. */
  happens(fault: keyof Odds): boolean
  /** Returns whether this trouble affects this worker now. */
  suffers(worker: Worker, kind: TroubleKind): boolean
  /** Returns the behaviour of a store that does not respond in time, or undefined if it does. */
  silence(worker: Worker): Silence | undefined
  /** Crashes a worker, which another one may replace. */
  crash(worker: Worker, where: string): void
  note(who: string, what: () => string): void
}

export const between = ({ random }: SimulationContext, low: number, high: number): number =>
  low + random() * (high - low)

/** Returns a promise that never settles, for a crashed process. */
export const forever = <T>(): Promise<T> => new Promise<T>(() => undefined)
