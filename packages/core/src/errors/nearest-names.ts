import { MAX_NAME_LENGTH } from './shown-name.ts'

const MAX_CHOICES = 8

/**
 * Returns the names most similar to an unknown one, for the `choices` of an error. The most similar comes first. Similarity
 * is the share of equal pairs of letters; case and punctuation do not count.
 * @param minLikeness minimum similarity from 0 to 1. @default 0
 */
export function nearestNames(wanted: string, names: readonly string[], minLikeness = 0): readonly string[] {
  const pairs = pairsOf(wanted)
  const likeness = (name: string): number => {
    const found = pairsOf(name)
    return (2 * [...found].filter((pair) => pairs.has(pair)).length) / (pairs.size + found.size || 1)
  }
  return names
    .map((name) => ({ name, likeness: likeness(name) }))
    .filter(({ likeness: value }) => value >= minLikeness)
    .toSorted((one, other) => other.likeness - one.likeness)
    .slice(0, MAX_CHOICES)
    .map(({ name }) => name)
}

function pairsOf(text: string): ReadonlySet<string> {
  const letters = text
    .slice(0, MAX_NAME_LENGTH)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
  return new Set(Array.from({ length: Math.max(0, letters.length - 1) }, (_, at) => letters.slice(at, at + 2)))
}
