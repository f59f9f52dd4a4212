import type { AuthorizationServer } from './authorization-server.ts'
import type { Judge } from './judge.ts'
import type { Odds, Plan, TroubleKind } from './plan.ts'
import type { Silence } from './rare-faults.ts'
import type { VirtualTime } from './virtual-time.ts'
import type { Worker } from './worker.ts'

/** What all parts of one schedule share. */
export interface Scene {
  readonly plan: Plan
  readonly time: VirtualTime
  readonly random: () => number
  readonly server: AuthorizationServer
  readonly judge: Judge
  /** Whether this fault happens now. */
  happens(fault: keyof Odds): boolean
  /** Whether this worker suffers this trouble now. */
  suffers(worker: Worker, kind: TroubleKind): boolean
  /** What the store does with this worker's operation if it does not respond to it as it should. */
  silence(worker: Worker): Silence | undefined
  /** Ends the process of a worker, which may come back as another one. */
  crash(worker: Worker, where: string): void
  note(who: string, what: () => string): void
}

export const between = ({ random }: Scene, low: number, high: number): number => low + random() * (high - low)

/** What a process that has ended waits for. */
export const forever = <T>(): Promise<T> => new Promise<T>(() => undefined)
