/** Strings kept in ascending order by code unit, each at most once. */
export interface SortedKeys {
  /** @param key one that is not in it yet */
  add(key: string): void
  remove(key: string): void
  /** Keys from `start` on, `start` included. Do not add or remove while reading. */
  from(start: string): Generator<string, void>
}

/** Long enough to keep the outer array short, short enough that an insertion moves little. */
const LONGEST_RUN = 512

/**
 * One sorted array would move half of itself with every new key. Runs of bounded length keep both adding and removing
 * cheap with a million keys.
 */
export function createSortedKeys(): SortedKeys {
  const runs: string[][] = []

  /** The only run that can hold `key`: the last one that starts at or before it. */
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
      run.splice(placeIn(run, key), 0, key)
      if (run.length > LONGEST_RUN) runs.splice(at + 1, 0, run.splice(LONGEST_RUN / 2))
    },
    remove(key) {
      const at = runOf(key)
      const run = runs[at]
      if (run === undefined) return
      const place = placeIn(run, key)
      if (run[place] !== key) return
      run.splice(place, 1)
      if (run.length === 0) runs.splice(at, 1)
    },
    *from(start) {
      const first = runOf(start)
      for (let at = first; at < runs.length; at++) {
        const run = runs[at] ?? []
        for (let place = at === first ? placeIn(run, start) : 0; place < run.length; place++) yield run[place] ?? ''
      }
    },
  }
}

/** Where `key` is in a run, or belongs. */
const placeIn = (run: readonly string[], key: string): number =>
  firstIndex(run.length, (index) => (run[index] ?? '') >= key)

/** The first index that holds, where all after it hold too; `length` if none does. */
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
