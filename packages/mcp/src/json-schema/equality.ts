import type { Budget } from './budget.ts'
import { BudgetExceeded } from './budget.ts'

const MAX_NESTING = 200

/** Returns a string that is the same for equal JSON values, whatever the order of their members. */
export function canonicalJson(value: unknown, budget: Budget, nesting = 0): string {
  if (nesting > MAX_NESTING) throw new BudgetExceeded('the value is nested too deeply')
  const text = written(value, budget, nesting)
  // Each level copies what is inside it.
  budget.use(1 + (text.length >> 6))
  return text
}

function written(value: unknown, budget: Budget, nesting: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map((each) => canonicalJson(each, budget, nesting + 1)).join(',')}]`
  const members = Object.entries(value).map(
    ([name, each]) => `${JSON.stringify(name)}:${canonicalJson(each, budget, nesting + 1)}`,
  )
  return `{${members.toSorted().join(',')}}`
}

/** Compares two JSON values. */
export function isEqual(a: unknown, b: unknown, budget: Budget): boolean {
  budget.use(1)
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  return canonicalJson(a, budget) === canonicalJson(b, budget)
}
