import { BrokenPromise } from '../../broken-promise.ts'
import type { ContractSubject } from './subject.ts'

/** One promise of a connector. */
export interface ConnectorCheck {
  /** The promise, as a sentence; what stands before the colon groups them. */
  readonly name: string
  /**
   * Answers why it does not apply to this connector, or undefined once it has been kept.
   * @throws {@link BrokenPromise} with a line for each thing that the author has to change
   */
  run(subject: ContractSubject): Promise<NotApplicable | undefined>
}

export interface NotApplicable {
  readonly because: string
}

/** Notes what is wrong, in a sentence that says what to do; the check goes on, so that an author sees all at once. */
export type Report = (sentence: string) => void

/** More lines than this help nobody; the rest is usually the same mistake. */
const MOST_LINES = 12

export const connectorCheck = (
  name: string,
  examine: (
    subject: ContractSubject,
    report: Report,
  ) => Promise<NotApplicable | undefined | void> | NotApplicable | undefined | void,
): ConnectorCheck => ({
  name,
  async run(subject) {
    const sentences = new Set<string>()
    const verdict = await examine(subject, (sentence) => {
      sentences.add(sentence)
    })
    if (sentences.size === 0) return verdict ?? undefined
    const lines = [...sentences]
    const more = lines.length > MOST_LINES ? [`... and ${lines.length - MOST_LINES} more.`] : []
    throw new BrokenPromise([...lines.slice(0, MOST_LINES), ...more].join('\n'))
  },
})

export const notApplicable = (because: string): NotApplicable => ({ because })
