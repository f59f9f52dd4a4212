import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Exchange } from './vendor-contract.ts'

interface Typed {
  readonly name: string
  readonly type: string
}
interface Spec {
  readonly apis?: readonly {
    readonly method: string
    readonly endpoint?: string
    readonly return: string
    readonly params?: readonly (Typed & { readonly required?: boolean })[]
  }[]
  readonly fields?: readonly Typed[]
}

/** An edge of a node of the Graph API, such as `feed` of `Page`. Without an edge: the node itself. */
export interface GraphEdge {
  readonly node: string
  readonly edge?: string | undefined
}

/** Parameters of every edge. */
const COMMON = ['fields', 'limit', 'after', 'before', 'since', 'until', 'phone_number_id']

/**
 * Loads Meta's description of the Graph API, which is the one that its SDKs are made of.
 * @returns a function that returns the findings about an exchange with an edge
 */
export function loadGraphSpecs(folder: string, name: string): (at: GraphEdge, exchange: Exchange) => readonly string[] {
  const { specs } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as {
    readonly specs: Readonly<Record<string, Spec>>
  }
  return ({ node, edge }, { method, url, requestBody, status, responseBody }) => {
    const api = specs[node]?.apis?.find((each) => each.method === method && each.endpoint === edge)
    if (api === undefined) return [`${node} has no ${method} ${edge ?? 'of itself'}`]
    const { params = [] } = api
    const { searchParams } = new URL(url)
    const sent = { ...Object.fromEntries(searchParams), ...(requestBody as object | undefined) }
    const unknown = Object.keys(sent).filter(
      (key) => !COMMON.includes(key) && !params.some((each) => each.name === key),
    )
    const missing = params.filter((each) => each.required === true && !(each.name in sent))
    const known = specs[api.return]?.fields
    const asked = searchParams.get('fields')?.split(',') ?? []
    const items: readonly unknown[] = status < 300 ? itemsIn(responseBody) : []
    return [
      ...unknown.map((key) => `unknown parameter ${key}`),
      ...missing.map((each) => `missing parameter ${each.name}`),
      ...params.flatMap((each) => problemOf(each, (requestBody as Fields | undefined)?.[each.name])),
      ...(known === undefined ? [] : asked.filter((field) => !known.some((each) => each.name === field))).map(
        (field) => `unknown field ${field}`,
      ),
      ...(known ?? []).flatMap((each) => items.flatMap((item) => problemOf(each, (item as Fields)[each.name]))),
    ]
  }
}

type Fields = Readonly<Record<string, unknown>>

const itemsIn = (body: unknown): readonly unknown[] => {
  const { data } = (body ?? {}) as Fields
  return Array.isArray(data) ? data : [body ?? {}]
}

function problemOf({ name, type }: Typed, value: unknown): readonly string[] {
  const fits =
    value === undefined ||
    (type === 'string'
      ? typeof value === 'string'
      : type === 'bool'
        ? typeof value === 'boolean'
        : /^(unsigned )?int$|^float$/.test(type)
          ? typeof value === 'number'
          : !type.startsWith('list') || Array.isArray(value))
  return fits ? [] : [`${name} is no ${type}`]
}
