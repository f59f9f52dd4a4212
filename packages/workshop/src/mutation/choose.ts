import { mutate, mutationsOf } from './mutations.ts'
import type { Mutation, Operator } from './mutations.ts'
import type { Tree } from '../tree.ts'
import type { Compiles } from './compiles.ts'

/**
 * Chooses mutants that compile. Each operator has the same share, because a file has many more numbers than awaits.
 * @param random returns numbers from 0 to below 1
 */
export function chooseMutants(
  sources: Tree,
  count: number,
  random: () => number,
  compiles: Compiles,
): readonly Mutation[] {
  const byOperator = new Map<Operator, Mutation[]>()
  for (const [path, text] of sources) {
    for (const mutation of mutationsOf(path, text)) {
      const known = byOperator.get(mutation.operator)
      if (known === undefined) byOperator.set(mutation.operator, [mutation])
      else known.push(mutation)
    }
  }
  const chosen: Mutation[] = []
  while (chosen.length < count && byOperator.size > 0) {
    const operators = [...byOperator.keys()]
    const operator = operators[Math.floor(random() * operators.length)]
    const candidates = operator && byOperator.get(operator)
    if (operator === undefined || candidates === undefined) break
    const [mutation] = candidates.splice(Math.floor(random() * candidates.length), 1)
    if (candidates.length === 0) byOperator.delete(operator)
    if (mutation !== undefined && compiles(mutation.path, mutate(sources.get(mutation.path) ?? '', mutation))) {
      chosen.push(mutation)
    }
  }
  return chosen
}
