/** The side a user works on. */
export type Side = 'remote' | 'local'
export type Values = Readonly<Record<string, unknown>>

/** Words are the same in both spellings. */
const spelled = (word: unknown): string => String(word).toUpperCase()

interface Typed {
  readonly side: Side
  readonly record: number
  readonly at: number
}

/** A removal by a user, with the words that this user saw. */
interface Removal {
  readonly record: number
  readonly side: Side
  readonly at: number
  readonly saw: ReadonlySet<string>
}

/**
 * The actions of users in real time, and nothing about any algorithm. Every value that a user types is a word that was never
 * typed before, so a word shows which edit it comes from.
 */
export interface Oracle {
  /** Returns a word that no user has typed. */
  type(side: Side, record: number, at: number): string
  /** Records that a user replaced a value that this user saw. */
  replaced(word: unknown, at: number): void
  removed(side: Side, values: Values, at: number): void
  /** Returns the record that a word belongs to. */
  recordOf(word: unknown): number | undefined
  /** Returns whether a user removed the record that a word belongs to. */
  wasRemoved(word: unknown): boolean
  readonly edits: number
  /** P3: words that are gone, although no user replaced or removed them and no side keeps them. */
  lost(present: ReadonlySet<string>): readonly string[]
  /** P6: whether a record with these values lives although a user removed it, and no other user had changed it. */
  resurrected(values: Values): boolean
}

export function createOracle(): Oracle {
  const typed = new Map<string, Typed>()
  const replacedAt = new Map<string, number>()
  const removals: Removal[] = []
  let edits = 0
  const replace = (word: unknown, at: number): void => {
    const key = spelled(word)
    if (!replacedAt.has(key)) replacedAt.set(key, at)
  }
  return {
    get edits() {
      return edits
    },
    type(side, record, at) {
      const word = `w${typed.size}`
      typed.set(spelled(word), { side, record, at })
      edits++
      return side === 'remote' ? spelled(word) : word
    },
    replaced: replace,
    removed(side, values, at) {
      edits++
      const words = Object.values(values).map(spelled)
      for (const word of words) replace(word, at)
      const record = typed.get(words[0] ?? '')?.record
      if (record !== undefined) removals.push({ record, side, at, saw: new Set(words) })
    },
    recordOf: (word) => typed.get(spelled(word))?.record,
    wasRemoved: (word) => removals.some(({ record }) => record === typed.get(spelled(word))?.record),
    lost: (present) => [...typed.keys()].filter((word) => !present.has(word) && !replacedAt.has(word)),
    resurrected(values) {
      const words = Object.values(values).map(spelled)
      const record = typed.get(words[0] ?? '')?.record
      return removals.some(
        (removal) =>
          removal.record === record &&
          !words.some((word) => {
            const origin = typed.get(word)
            if (origin === undefined || removal.saw.has(word)) return false
            // Typed on the other side, and not replaced there before the removal; or typed later, on either.
            return (
              (origin.side !== removal.side && (replacedAt.get(word) ?? Infinity) > removal.at) ||
              origin.at > removal.at
            )
          }),
      )
    },
  }
}

export const spelling = spelled
