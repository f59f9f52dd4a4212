import type { RenewalEvent, Row } from '../../src/vault/renewal/renewal-context.ts'
import { count } from './counts.ts'
import type { Verdict } from './verdict.ts'
import type { Worker } from './worker.ts'

interface ExpectedEvents {
  readonly row: Row
  readonly worker: Worker
  readonly pending: Set<RenewalEvent>
}

/** Checks that the process that writes a change emits its events, once. */
export class EventWatch {
  readonly #verdict: Verdict
  readonly #expected = new Map<string, ExpectedEvents>()
  /** Writes whose acknowledgement was lost: the writer may read whether they succeeded. */
  readonly #doubtful = new Map<Worker, ExpectedEvents>()
  /** Workers that wait for the store: their next read may never complete, and another worker may read the row. */
  readonly #neverResponded = new Set<Worker>()
  #dueNow: ExpectedEvents[] = []

  constructor(verdict: Verdict) {
    this.#verdict = verdict
  }

  /** Checks that the events that were due have been emitted. */
  afterEvent(): void {
    if (this.#dueNow.length === 0) return
    for (const { pending, worker, row } of this.#dueNow) {
      this.#verdict.check(
        'events_are_emitted',
        pending.size === 0 || !worker.alive,
        () => `${worker.id} wrote version ${row.version} and did not emit: ${[...pending].join(', ')}`,
      )
      if (pending.size > 0) count(this.#verdict.counts, 'events cut off')
    }
    this.#dueNow = []
  }

  wrote(worker: Worker, row: Row, events: Set<RenewalEvent>): void {
    if (events.size > 0) this.#expected.set(String(row.version), { row, worker, pending: events })
  }

  acknowledged(worker: Worker, row: Row, lost: boolean): void {
    if (lost) count(this.#verdict.counts, 'lost acknowledgements')
    const expected = this.#expected.get(String(row.version))
    if (expected === undefined) return
    if (lost && this.#neverResponded.has(worker)) count(this.#verdict.counts, 'events cut off')
    else if (lost) this.#doubtful.set(worker, expected)
    else this.#dueNow.push(expected)
  }

  neverResponded(worker: Worker): void {
    this.#neverResponded.add(worker)
    this.renewalEnded(worker)
  }

  didRead(worker: Worker, row: Row | undefined): void {
    const doubtful = this.#doubtful.get(worker)
    if (doubtful === undefined) return
    this.#doubtful.delete(worker)
    if (row?.version === doubtful.row.version) this.#dueNow.push(doubtful)
    else count(this.#verdict.counts, 'events cut off')
  }

  renewalEnded(worker: Worker): void {
    if (this.#doubtful.delete(worker)) count(this.#verdict.counts, 'events cut off')
  }

  emitted(worker: Worker, event: RenewalEvent, row: Row): void {
    if (event === 'recovered') count(this.#verdict.counts, 'recovered')
    const expected = this.#expected.get(String(row.version))
    this.#verdict.check(
      'events_are_emitted',
      expected?.worker === worker && expected.pending.delete(event),
      () => `${worker.id} emitted ${event} for version ${row.version}, where it did not happen, or twice`,
    )
  }
}
