import { nameMatcher } from '../name-pattern.ts'
import type { NamePattern } from '../name-pattern.ts'

/** Which of a server's tools the composition offers at all. */
export interface ToolFilter {
  /** Only these; absent: all. */
  readonly allow?: readonly NamePattern[] | undefined
  /** None of these, whatever `allow` says. */
  readonly deny?: readonly NamePattern[] | undefined
}

export function toolFilter({ allow, deny }: ToolFilter = {}): (tool: string) => boolean {
  const allowed = allow && nameMatcher(allow)
  const denied = deny && nameMatcher(deny)
  if (allowed === undefined && denied === undefined) return () => true
  return (tool) => (allowed === undefined || allowed(tool)) && denied?.(tool) !== true
}
