import { BrokenPromise } from '../../broken-promise.ts'
import type { ContractSubject } from './subject.ts'

/** One promise of a connector. */
export interface ConnectorCheck {
  /** The promise as a sentence, after the name of its group and a colon. */
  readonly name: string
  /**
   * Returns why the check does not apply to this connector, or undefined once it has passed.
   * @throws {@link BrokenPromise} with a line for each thing that the author has to change
   */
  run(subject: ContractSubject): Promise<NotApplicable | undefined>
}

export interface NotApplicable {
  readonly because: string
}

/** Reports a failure in a sentence that says what to do. The check continues, so an author sees all failures at once. */
export type Report = (sentence: string) => void

/** Further lines usually repeat the same mistake. */
const MAX_LINES = 12

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
    const more = lines.length > MAX_LINES ? [`... and ${lines.length - MAX_LINES} more.`] : []
    throw new BrokenPromise([...lines.slice(0, MAX_LINES), ...more].join('\n'))
  },
})

export const notApplicable = (because: string): NotApplicable => ({ because })
