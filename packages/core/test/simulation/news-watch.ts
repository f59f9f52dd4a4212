import type { RenewalEvent, Row } from '../../src/vault/renewal/renewal-context.ts'
import { count } from './counts.ts'
import type { Verdict } from './verdict.ts'
import type { Worker } from './worker.ts'

interface Telling {
  readonly row: Row
  readonly worker: Worker
  readonly untold: Set<RenewalEvent>
}

/** Watches that whoever made something so tells of it, once. */
export class NewsWatch {
  readonly #verdict: Verdict
  readonly #tellings = new Map<string, Telling>()
  /** Written, but the writer was told that it failed: it may look whether it did. */
  readonly #doubtful = new Map<Worker, Telling>()
  /** The store did not respond to them: the one that would look may never go on, and another one reads the row. */
  readonly #unanswered = new Set<Worker>()
  #dueNow: Telling[] = []

  constructor(verdict: Verdict) {
    this.#verdict = verdict
  }

  /** What is due at once has been told by now. */
  afterEvent(): void {
    if (this.#dueNow.length === 0) return
    for (const { untold, worker, row } of this.#dueNow) {
      this.#verdict.check(
        'news_are_told',
        untold.size === 0 || !worker.alive,
        () => `${worker.id} wrote version ${row.version} and did not tell: ${[...untold].join(', ')}`,
      )
      if (untold.size > 0) count(this.#verdict.counts, 'tellings cut off')
    }
    this.#dueNow = []
  }

  wrote(worker: Worker, row: Row, news: Set<RenewalEvent>): void {
    if (news.size > 0) this.#tellings.set(String(row.version), { row, worker, untold: news })
  }

  acknowledged(worker: Worker, row: Row, lost: boolean): void {
    if (lost) count(this.#verdict.counts, 'lost acknowledgements')
    const telling = this.#tellings.get(String(row.version))
    if (telling === undefined) return
    if (lost && this.#unanswered.has(worker)) count(this.#verdict.counts, 'tellings cut off')
    else if (lost) this.#doubtful.set(worker, telling)
    else this.#dueNow.push(telling)
  }

  unanswered(worker: Worker): void {
    this.#unanswered.add(worker)
    this.renewalEnded(worker)
  }

  didRead(worker: Worker, row: Row | undefined): void {
    const doubtful = this.#doubtful.get(worker)
    if (doubtful === undefined) return
    this.#doubtful.delete(worker)
    if (row?.version === doubtful.row.version) this.#dueNow.push(doubtful)
    else count(this.#verdict.counts, 'tellings cut off')
  }

  renewalEnded(worker: Worker): void {
    if (this.#doubtful.delete(worker)) count(this.#verdict.counts, 'tellings cut off')
  }

  told(worker: Worker, news: RenewalEvent, row: Row): void {
    if (news === 'recovered') count(this.#verdict.counts, 'recovered')
    const telling = this.#tellings.get(String(row.version))
    this.#verdict.check(
      'news_are_told',
      telling?.worker === worker && telling.untold.delete(news),
      () => `${worker.id} told ${news} of version ${row.version}, where it did not happen, or again`,
    )
  }
}
