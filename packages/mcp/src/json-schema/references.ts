import type { Budget } from './budget.ts'

/** Resolves the references inside one schema. Never fetches another document. */
export class References {
  readonly #root: unknown
  readonly #resolved = new Map<string, unknown>()
  #named: ReadonlyMap<string, unknown> | undefined

  constructor(root: unknown) {
    this.#root = root
  }

  /** Returns the schema that `reference` names, or undefined if this document has none. */
  resolve(reference: string, budget: Budget): unknown {
    if (reference === '#') return this.#root
    if (!this.#resolved.has(reference)) this.#resolved.set(reference, this.#find(reference, budget))
    return this.#resolved.get(reference)
  }

  #find(reference: string, budget: Budget): unknown {
    if (reference.startsWith('#/')) return pointedAt(this.#root, reference.slice(2), budget)
    this.#named ??= namedSchemas(this.#root, budget)
    return this.#named.get(reference)
  }
}

function pointedAt(root: unknown, pointer: string, budget: Budget): unknown {
  let found = root
  for (const part of pointer.split('/')) {
    budget.use(1)
    const name = decoded(part)
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined
    found = (found as Readonly<Record<string, unknown>>)[name]
  }
  return found
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return part
  }
}

/** Returns the schemas with an `$id`, or with an anchor as `#name`. */
function namedSchemas(root: unknown, budget: Budget): ReadonlyMap<string, unknown> {
  const named = new Map<string, unknown>()
  const left: unknown[] = [root]
  while (left.length > 0) {
    const schema = left.pop()
    budget.use(1)
    if (typeof schema !== 'object' || schema === null) continue
    for (const [keyword, value] of Object.entries(schema)) {
      budget.use(1)
      if (typeof value === 'object') left.push(value)
      else if (typeof value === 'string' && (keyword === '$id' || keyword === 'id')) named.set(value, schema)
      else if (typeof value === 'string' && keyword.endsWith('nchor')) named.set(`#${value}`, schema)
    }
  }
  return named
}
