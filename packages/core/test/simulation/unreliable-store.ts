import { memoryStore } from '../../src/ports/memory-store.ts'
import type { Store, Version } from '../../src/ports/store.ts'
import type { ConnectionRecord } from '../../src/vault/connection-record.ts'
import { parseRecord } from '../../src/vault/read-record.ts'
import type { Row } from '../../src/vault/renewal/renewal-context.ts'
import { count } from './counts.ts'
import type { Silence } from './rare-faults.ts'
import { between, forever, type SimulationContext } from './simulation-context.ts'
import type { Worker } from './worker.ts'

/** The store key of the connection. */
export const PLACE = 'connection/demo/ada/default'

/** The shared memory store behind an unreliable network. */
export class UnreliableStore {
  readonly #simulation: SimulationContext
  readonly #store: Store
  /** The last parsed row, cached because parsing takes most of the time. */
  #last: Row | undefined

  constructor(simulation: SimulationContext) {
    this.#simulation = simulation
    const { time } = simulation
    this.#store = memoryStore({
      clock: { now: () => time.now, monotonic: () => time.now, schedule: (ms, run) => time.after(ms, run) },
    })
  }

  /** Returns the current row without a simulated network, for user actions. */
  async peek(): Promise<Row | undefined> {
    const stored = await this.#store.get(PLACE)
    if (stored === undefined) return undefined
    if (this.#last?.version !== stored.version) {
      this.#last = { record: frozen(parseRecord(stored.value, PLACE)), version: stored.version }
    }
    return this.#last
  }

  /** Writes a change by the user, without a simulated network. */
  async force(record: ConnectionRecord | undefined): Promise<void> {
    if (record === undefined) await this.#store.delete(PLACE)
    else await this.#store.put(PLACE, JSON.stringify(record))
    this.#simulation.judge.forced(await this.peek())
  }

  read(worker: Worker, renewing: boolean): Promise<Row | undefined> {
    return this.#send(worker, 'read', async () => {
      const row = await this.peek()
      return () => {
        this.#simulation.judge.didRead(worker, row, renewing)
        return row
      }
    })
  }

  write(worker: Worker, record: ConnectionRecord, ifVersion: Version | null): Promise<Row | undefined> {
    const { judge } = this.#simulation
    return this.#send(worker, 'write', async () => {
      const before = await this.peek()
      const result = await this.#store.put(PLACE, JSON.stringify(record), { ifVersion })
      if ('conflict' in result) return () => undefined
      const row = { record, version: result.version }
      judge.wrote(worker, before, row)
      return (lost) => {
        judge.acknowledged(worker, row, lost)
        return row
      }
    })
  }

  /** @param act runs when the request arrives, and returns the function that runs when the response arrives */
  #send<T>(worker: Worker, kind: 'read' | 'write', act: () => Promise<(lost: boolean) => T>): Promise<T> {
    const simulation = this.#simulation
    const { time } = simulation
    if (!worker.alive) return forever()
    const crash = simulation.happens('crashAtStore') ? Math.floor(simulation.random() * 3) : undefined
    if (crash === 0) {
      simulation.crash(worker, `before a ${kind}`)
      return forever()
    }
    return new Promise<T>((resolve, reject) => {
      const later = (run: () => void) => {
        time.after(this.#latency(worker), () => {
          worker.meet(run)
        })
      }
      const fail = () => {
        simulation.note(worker.id, () => `the store failed the ${kind}`)
        simulation.judge.storeFailed(worker)
        reject(new Error('The store is out of reach.'))
      }
      const silence = simulation.silence(worker)
      if (silence !== undefined) return this.#keepSilent(worker, kind, silence, act, resolve)
      if (simulation.suffers(worker, 'store_down') || simulation.happens('storeFails')) return later(fail)
      const lost = kind === 'write' && simulation.happens('acknowledgementLost')
      time.after(this.#latency(worker), () => {
        void act().then((end) => {
          if (crash === 1) simulation.crash(worker, `after a ${kind}, before its response`)
          else {
            later(() => {
              const result = end(lost)
              if (lost) return fail()
              resolve(result)
              if (crash === 2) simulation.crash(worker, `with the response of a ${kind}`)
            })
          }
        })
      })
    })
  }

  /** Executes an operation late or not at all, mostly without a response. */
  #keepSilent<T>(
    worker: Worker,
    kind: string,
    { actsAfterMs, responds }: Silence,
    act: () => Promise<(lost: boolean) => T>,
    resolve: (value: T) => void,
  ): void {
    const { time, judge, note } = this.#simulation
    note(worker.id, () => `the store does not respond to the ${kind}`)
    count(judge.counts, 'operations without a response')
    judge.storeIsSilent(worker)
    if (actsAfterMs === undefined) return
    time.after(actsAfterMs, () => {
      void act().then((end) => {
        if (responds) time.after(this.#latency(worker), () => worker.meet(() => resolve(end(false))))
      })
    })
  }

  #latency(worker: Worker): number {
    return this.#simulation.suffers(worker, 'store_slow')
      ? between(this.#simulation, 100, 4000)
      : between(this.#simulation, 1, 40)
  }
}

/** Freezes a value, because many workers share it. */
function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen)
  return value
}
