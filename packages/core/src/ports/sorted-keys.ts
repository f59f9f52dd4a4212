/** A set of strings in ascending order by code unit. */
export interface SortedKeys {
  /** Adds a key that is not in the set yet. */
  add(key: string): void
  remove(key: string): void
  /** Yields the keys from `start` on, inclusive. Do not add or remove while reading. */
  from(start: string): Generator<string, void>
}

/** Long enough to keep the outer array short, short enough that an insertion moves little. */
const MAX_RUN = 512

/**
 * Creates a set as runs of bounded length, so that adding, removing and listing stay cheap with a million keys.
 *
 * Sorting a `Map` at each listing would be simpler, but the memory store is also the default store of one process: with a
 * million keys each page would block the event loop for seconds.
 */
export function createSortedKeys(): SortedKeys {
  const runs: string[][] = []

  /** Returns the only run that can hold `key`: the last one that starts at or before it. */
  const runOf = (key: string): number =>
    Math.max(0, firstIndex(runs.length, (index) => (runs[index]?.[0] ?? '') > key) - 1)

  return {
    add(key) {
      const at = runOf(key)
      const run = runs[at]
      if (run === undefined) {
        runs.push([key])
        return
      }
      run.splice(indexIn(run, key), 0, key)
      if (run.length > MAX_RUN) runs.splice(at + 1, 0, run.splice(MAX_RUN / 2))
    },
    remove(key) {
      const at = runOf(key)
      const run = runs[at]
      if (run === undefined) return
      const index = indexIn(run, key)
      if (run[index] !== key) return
      run.splice(index, 1)
      if (run.length === 0) runs.splice(at, 1)
    },
    *from(start) {
      const first = runOf(start)
      for (let at = first; at < runs.length; at++) {
        const run = runs[at] ?? []
        for (let index = at === first ? indexIn(run, start) : 0; index < run.length; index++) yield run[index] ?? ''
      }
    },
  }
}

/** Returns the index of `key` in a run, or the index where it belongs. */
const indexIn = (run: readonly string[], key: string): number =>
  firstIndex(run.length, (index) => (run[index] ?? '') >= key)

/** Returns the first index for which `holds` is true, or `length`. All indexes after it must hold too. */
function firstIndex(length: number, holds: (index: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
