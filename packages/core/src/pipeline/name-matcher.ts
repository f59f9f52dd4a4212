import { ConnectorError } from '../errors/connector-error.ts'

/** Maximum number of cached verdicts of one list: more than a client has tools. */
const MAX_VERDICTS = 10_000
/** Maximum number of compiled lists: more than an app has roles. */
const MAX_LISTS = 1000

/** Matches names against patterns, in which `*` stands for any characters. Caches the result for each name. */
export class NameMatcher {
  /** A copy, so that a change of the list in place is detected. */
  readonly #patterns: readonly string[]
  readonly #exact = new Set<string>()
  /** `slack.*`, by the length of what comes before the `*`. */
  readonly #prefixes = new Map<number, Set<string>>()
  /** The pieces between the `*` of every other pattern. */
  readonly #globs: (readonly string[])[] = []
  readonly #verdicts = new Map<string, boolean>()

  /** @throws ConnectorError CONFIGURATION_ERROR if `patterns` is not a list of strings */
  constructor(patterns: readonly string[]) {
    if (!isListOfStrings(patterns)) throw notAList()
    this.#patterns = [...patterns]
    for (const pattern of patterns) {
      const star = pattern.indexOf('*')
      if (star === -1) this.#exact.add(pattern)
      else if (star === pattern.length - 1) this.#addPrefix(pattern.slice(0, star))
      else this.#globs.push(pattern.split('*'))
    }
  }

  /** Returns whether any pattern matches the name. */
  matches(name: string): boolean {
    const known = this.#verdicts.get(name)
    if (known !== undefined) return known
    const verdict = this.#match(name)
    if (this.#verdicts.size >= MAX_VERDICTS) this.#verdicts.clear()
    this.#verdicts.set(name, verdict)
    return verdict
  }

  /** Returns whether this matcher was created from exactly these patterns. */
  isOf(patterns: readonly string[]): boolean {
    const own = this.#patterns
    if (own.length !== patterns.length) return false
    for (let index = 0; index < own.length; index += 1) if (own[index] !== patterns[index]) return false
    return true
  }

  #addPrefix(prefix: string): void {
    const known = this.#prefixes.get(prefix.length)
    if (known === undefined) this.#prefixes.set(prefix.length, new Set([prefix]))
    else known.add(prefix)
  }

  #match(name: string): boolean {
    if (this.#exact.has(name)) return true
    for (const [length, prefixes] of this.#prefixes) {
      if (length <= name.length && prefixes.has(name.slice(0, length))) return true
    }
    return this.#globs.some((pieces) => matchesPieces(name, pieces))
  }
}

/** Returns whether the name contains the pieces in order. Takes the first position of each piece, so it never backtracks. */
function matchesPieces(name: string, pieces: readonly string[]): boolean {
  const first = pieces[0] ?? ''
  const last = pieces.at(-1) ?? ''
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false
  const end = name.length - last.length
  let at = first.length
  for (let index = 1; index < pieces.length - 1; index += 1) {
    const piece = pieces[index] ?? ''
    const found = name.indexOf(piece, at)
    if (found === -1 || found + piece.length > end) return false
    at = found + piece.length
  }
  return true
}

const notAList = (): ConnectorError =>
  new ConnectorError('CONFIGURATION_ERROR', 'allow and deny of a policy must be lists of strings.', {
    hint: "Pass a list such as ['slack.*'].",
    outcome: 'not_processed',
  })

const isListOfStrings = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

/**
 * Creates a cache of compiled matchers. A list is identified by its elements, so a list that was changed in place gets
 * another matcher.
 */
export function createMatcherCache(): (patterns: readonly string[]) => NameMatcher {
  const known = new Map<string, NameMatcher[]>()
  let size = 0
  return (patterns) => {
    if (!Array.isArray(patterns)) throw notAList()
    const sample = sampleOf(patterns)
    let alike = known.get(sample)
    const found = alike?.find((matcher) => matcher.isOf(patterns))
    if (found !== undefined) return found
    const made = new NameMatcher(patterns)
    if (size >= MAX_LISTS) {
      known.clear()
      alike = undefined
      size = 0
    }
    size += 1
    if (alike === undefined) known.set(sample, [made])
    else alike.push(made)
    return made
  }
}

/** Returns a string by which most lists differ, so that only a few are compared element by element. */
function sampleOf(patterns: readonly string[]): string {
  const { length } = patterns
  const sample = [patterns[0], patterns[length >> 1], patterns[length - 1]]
  return isListOfStrings(sample) ? `${length} ${sample.join(' ')}` : ''
}
