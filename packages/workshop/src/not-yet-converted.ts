import { type Finding, printFinding } from './wording-rules.ts'

/** The number of findings that each file may still have, by its path. */
export type Allowance = Readonly<Record<string, number>>

/** Returns the differences between the findings and the allowance. A file that is not listed may have none. */
export function allowanceViolations(findings: readonly Finding[], allowed: Allowance): readonly string[] {
  const byFile = Map.groupBy(findings, ({ path }) => path)
  const tooMany = [...byFile]
    .filter(([path, found]) => found.length > (allowed[path] ?? 0))
    .flatMap(([path, found]) => [
      `${path} has ${found.length} findings; ${allowed[path] ?? 0} are allowed`,
      ...found.map(printFinding),
    ])
  const tooFew = Object.entries(allowed)
    .map(([path, count]) => ({ path, count, left: byFile.get(path)?.length ?? 0 }))
    .filter(({ count, left }) => left < count)
    .map(({ path, count, left }) => `${path} has ${left} findings, not ${count}: run with UPDATE_WORDING=1`)
  return [...tooMany, ...tooFew]
}

/**
 * Lowers the allowance to the findings, and never raises it. A renamed or split file takes over what the files that are
 * gone were allowed.
 * @param exists returns whether a path is in the tree
 */
export function loweredAllowance(
  findings: readonly Finding[],
  allowed: Allowance,
  exists: (path: string) => boolean,
): Allowance {
  let freed = Object.entries(allowed).reduce((sum, [path, count]) => sum + (exists(path) ? 0 : count), 0)
  const lowered: Record<string, number> = {}
  const byFile = Map.groupBy(findings, ({ path }) => path)
  for (const [path, { length }] of [...byFile].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    const listed = allowed[path]
    if (listed !== undefined) {
      lowered[path] = Math.min(listed, length)
    } else if (length <= freed) {
      freed -= length
      lowered[path] = length
    }
  }
  return lowered
}
