import type { Effect, ToolFacts } from '@mcpclient/core'
import { nameMatcher } from '../name-pattern.ts'

/** What the host says of a tool: its effect, or that and more. */
export type ToolRule =
  | Effect
  | ({ readonly effect: Effect } & Pick<ToolFacts, 'idempotent' | 'timeoutMs' | 'reconcile'>)

/** Rules by tool name; `*` stands for any run of characters. An exact name goes before a pattern, then the first wins. */
export type ToolRules = Readonly<Record<string, ToolRule>>

/**
 * What is not said to read is taken to write: a server's own annotations are hints, which nobody vouches for, and a
 * tool that calls itself read-only would be repeated and allowed where a write is not.
 */
const UNKNOWN: ToolFacts = { effect: 'write' }

/** The facts by which the pipeline treats a tool, from the host's rules alone. */
export function factsByRule(rules: ToolRules = {}): (tool: string) => ToolFacts {
  const exact = new Map<string, ToolFacts>()
  const patterns: { readonly fits: (name: string) => boolean; readonly facts: ToolFacts }[] = []
  for (const [name, rule] of Object.entries(rules)) {
    const facts = typeof rule === 'string' ? { effect: rule } : rule
    if (name.includes('*')) patterns.push({ fits: nameMatcher([name]), facts })
    else exact.set(name, facts)
  }
  return (tool) => exact.get(tool) ?? patterns.find(({ fits }) => fits(tool))?.facts ?? UNKNOWN
}
