import { isHeaderValue } from '../auth/header-text.ts'
import { carriesNothing, MAX_JSON_DEPTH } from './json-value.ts'

/** The destination of a value. Each has its own restrictions. */
export type Carrier = 'json' | 'query' | 'path' | 'header'

export interface Found {
  readonly path: string
  /** The end of a sentence about the value. */
  readonly problem: string
}

/**
 * Finds the first value that cannot be encoded.
 * @param problem finds only values with this problem
 */
export function findUnencodable(value: unknown, carrier: Carrier, path = '', problem?: string): Found | undefined {
  return search(value, path, 0, new Set(), carrier, problem)
}

function search(
  value: unknown,
  path: string,
  depth: number,
  parents: Set<object>,
  carrier: Carrier,
  wanted: string | undefined,
): Found | undefined {
  const report = (problem: string): Found | undefined =>
    wanted === undefined || wanted === problem ? { path: bounded(path), problem } : undefined
  if (typeof value !== 'object' || value === null) {
    const problem = problemOf(value, carrier)
    return problem === undefined ? undefined : report(problem)
  }
  if (parents.has(value)) return report('refers to itself')
  if (depth >= MAX_JSON_DEPTH) return report(`is nested deeper than ${MAX_JSON_DEPTH} levels`)
  let names: readonly string[]
  try {
    if (value instanceof Date) return Number.isFinite(value.getTime()) ? undefined : report('is an invalid date')
    const { toJSON } = value as { readonly toJSON?: unknown }
    if (typeof toJSON === 'function') {
      const json: unknown = toJSON.call(value, '')
      return search(json, path, depth + 1, parents, carrier, wanted)
    }
    names = Object.keys(value)
  } catch {
    return report('cannot be read')
  }
  if (names.length === 0 && !Array.isArray(value) && !carriesNothing(value)) return report('is not a plain object')
  parents.add(value)
  for (const name of names) {
    const place = path === '' ? name : `${path}.${name}`
    let member: unknown
    try {
      member = (value as Readonly<Record<string, unknown>>)[name]
    } catch {
      if (wanted === undefined || wanted === 'cannot be read')
        return { path: bounded(place), problem: 'cannot be read' }
      continue
    }
    const found = search(member, place, depth + 1, parents, carrier, wanted)
    if (found) return found
  }
  parents.delete(value)
  return undefined
}

function problemOf(value: unknown, carrier: Carrier): string | undefined {
  if (typeof value === 'string') {
    if (carrier === 'json') return undefined
    if (carrier === 'header') return isHeaderValue(value) ? undefined : 'contains characters that a header cannot carry'
    if (!value.isWellFormed()) return 'contains a lone surrogate'
    return carrier === 'path' && /[\t\n\r]/.test(value) ? 'contains a tab or a line break' : undefined
  }
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'is not a finite number'
  if (typeof value === 'bigint') return carrier === 'json' ? 'is a BigInt' : undefined
  return typeof value === 'symbol' || typeof value === 'function' ? `is a ${typeof value}` : undefined
}

const MAX_PATH_LENGTH = 120

const bounded = (path: string): string => (path.length <= MAX_PATH_LENGTH ? path : `${path.slice(0, MAX_PATH_LENGTH)}…`)
