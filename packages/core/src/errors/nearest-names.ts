import { MAX_NAME_LENGTH } from './shown-name.ts'

const MOST_CHOICES = 8

/**
 * The names that look most like the one asked for, the likest first: for the `choices` of an error about a name that
 * there is not. They share the most pairs of letters; case, `_` and the like do not count.
 * @param minLikeness from 0 to 1; names below it are left out
 */
export function nearestNames(wanted: string, names: readonly string[], minLikeness = 0): readonly string[] {
  const looked = pairsOf(wanted)
  const likeness = (name: string): number => {
    const found = pairsOf(name)
    return (2 * [...found].filter((pair) => looked.has(pair)).length) / (looked.size + found.size || 1)
  }
  return names
    .map((name) => ({ name, likeness: likeness(name) }))
    .filter(({ likeness: value }) => value >= minLikeness)
    .toSorted((one, other) => other.likeness - one.likeness)
    .slice(0, MOST_CHOICES)
    .map(({ name }) => name)
}

function pairsOf(text: string): ReadonlySet<string> {
  const letters = text
    .slice(0, MAX_NAME_LENGTH)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
  return new Set(Array.from({ length: Math.max(0, letters.length - 1) }, (_, at) => letters.slice(at, at + 2)))
}
