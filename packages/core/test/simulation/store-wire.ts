import { memoryStore } from '../../src/ports/memory-store.ts'
import type { Store, Version } from '../../src/ports/store.ts'
import type { ConnectionRecord } from '../../src/vault/connection-record.ts'
import { parseRecord } from '../../src/vault/read-record.ts'
import type { Row } from '../../src/vault/renewal/renewal-context.ts'
import { count } from './counts.ts'
import type { Silence } from './rare-faults.ts'
import { between, forever, type Scene } from './scene.ts'
import type { Worker } from './worker.ts'

/** The key of the one row that all is about. */
export const PLACE = 'connection/demo/ada/default'

/** The way from the workers to the memory store that they share: slow, torn, and deaf at times. */
export class StoreWire {
  readonly #scene: Scene
  readonly #store: Store
  /** The row that was read last: parsing it again and again would be most of the work. */
  #last: Row | undefined

  constructor(scene: Scene) {
    this.#scene = scene
    const { time } = scene
    this.#store = memoryStore({
      clock: { now: () => time.now, monotonic: () => time.now, schedule: (ms, run) => time.after(ms, run) },
    })
  }

  /** The row as the next one to ask would see it; for people, whose part is not simulated. */
  async peek(): Promise<Row | undefined> {
    const stored = await this.#store.get(PLACE)
    if (stored === undefined) return undefined
    if (this.#last?.version !== stored.version) {
      this.#last = { record: frozen(parseRecord(stored.value, PLACE)), version: stored.version }
    }
    return this.#last
  }

  /** What a person did, at once. */
  async force(record: ConnectionRecord | undefined): Promise<void> {
    if (record === undefined) await this.#store.delete(PLACE)
    else await this.#store.put(PLACE, JSON.stringify(record))
    this.#scene.judge.forced(await this.peek())
  }

  read(worker: Worker, renewing: boolean): Promise<Row | undefined> {
    return this.#send(worker, 'read', async () => {
      const row = await this.peek()
      return () => {
        this.#scene.judge.didRead(worker, row, renewing)
        return row
      }
    })
  }

  write(worker: Worker, record: ConnectionRecord, ifVersion: Version | null): Promise<Row | undefined> {
    const { judge } = this.#scene
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

  /** @param act is done when the message arrives, and answers what happens when the answer is back */
  #send<T>(worker: Worker, kind: 'read' | 'write', act: () => Promise<(lost: boolean) => T>): Promise<T> {
    const scene = this.#scene
    const { time } = scene
    if (!worker.alive) return forever()
    const crash = scene.happens('crashAtStore') ? Math.floor(scene.random() * 3) : undefined
    if (crash === 0) {
      scene.crash(worker, `before a ${kind}`)
      return forever()
    }
    return new Promise<T>((resolve, reject) => {
      const later = (run: () => void) => {
        time.after(this.#latency(worker), () => {
          worker.meet(run)
        })
      }
      const fail = () => {
        scene.note(worker.id, () => `the store failed the ${kind}`)
        scene.judge.storeFailed(worker)
        reject(new Error('The store is out of reach.'))
      }
      const silence = scene.silence(worker)
      if (silence !== undefined) return this.#keepSilent(worker, kind, silence, act, resolve)
      if (scene.suffers(worker, 'store_down') || scene.happens('storeFails')) return later(fail)
      const lost = kind === 'write' && scene.happens('acknowledgementLost')
      time.after(this.#latency(worker), () => {
        void act().then((end) => {
          if (crash === 1) scene.crash(worker, `after a ${kind}, before its answer`)
          else {
            later(() => {
              const result = end(lost)
              if (lost) return fail()
              resolve(result)
              if (crash === 2) scene.crash(worker, `with the answer of a ${kind}`)
            })
          }
        })
      })
    })
  }

  /** Acts late or not at all, and mostly says nothing. */
  #keepSilent<T>(
    worker: Worker,
    kind: string,
    { actsAfterMs, responds }: Silence,
    act: () => Promise<(lost: boolean) => T>,
    resolve: (value: T) => void,
  ): void {
    const { time, judge, note } = this.#scene
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
    return this.#scene.suffers(worker, 'store_slow') ? between(this.#scene, 100, 4000) : between(this.#scene, 1, 40)
  }
}

/** Many workers get the same object, so none of them may change it. */
function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen)
  return value
}
