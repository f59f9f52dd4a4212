import { NameMatcher } from '@mcpclient/core'
import type { Effect, ToolFacts } from '@mcpclient/core'

/** The host's declaration of a tool: its effect, or the effect and more. */
export type ToolRule =
  | Effect
  | ({ readonly effect: Effect } & Pick<ToolFacts, 'idempotent' | 'timeoutMs' | 'reconcile'>)

/**
 * Rules by tool name. `*` matches any run of characters. An exact name takes precedence over a pattern; among patterns
 * the first match wins.
 */
export type ToolRules = Readonly<Record<string, ToolRule>>

/**
 * The facts of a tool without a rule. A server's annotations are unverified hints: a tool that calls itself read-only
 * would be retried and allowed where a write is not.
 */
const UNKNOWN: ToolFacts = { effect: 'write' }

/** Returns a function that finds the facts by which the pipeline treats a tool, from the host's rules alone. */
export function factsByRule(rules: ToolRules = {}): (tool: string) => ToolFacts {
  const exact = new Map<string, ToolFacts>()
  const patterns: { readonly matcher: NameMatcher; readonly facts: ToolFacts }[] = []
  for (const [name, rule] of Object.entries(rules)) {
    const facts = typeof rule === 'string' ? { effect: rule } : rule
    if (name.includes('*')) patterns.push({ matcher: new NameMatcher([name]), facts })
    else exact.set(name, facts)
  }
  return (tool) => exact.get(tool) ?? patterns.find(({ matcher }) => matcher.matches(tool))?.facts ?? UNKNOWN
}

/** The tools of a server that the composition offers. `*` matches any run of characters. */
export interface ToolFilter {
  /**
   * The tools to offer.
   * @default all
   */
  readonly allow?: readonly string[] | undefined
  /** Tools never to offer, even if `allow` matches them. */
  readonly deny?: readonly string[] | undefined
}

/** Returns a function that tests whether the composition offers a tool. */
export function toolFilter({ allow, deny }: ToolFilter = {}): (tool: string) => boolean {
  const allowed = allow && new NameMatcher(allow)
  const denied = deny && new NameMatcher(deny)
  return (tool) => allowed?.matches(tool) !== false && denied?.matches(tool) !== true
}
