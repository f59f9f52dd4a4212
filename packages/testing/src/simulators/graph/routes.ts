import { GraphFailure } from './failure.ts'
import { preferencesOf } from './preferences.ts'
import type { GraphPreferences } from './preferences.ts'

export type Fields = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A request for an operation. */
export interface GraphCall {
  /** The decoded segments that the pattern of the route captures. */
  readonly ids: readonly string[]
  readonly url: URL
  readonly parameters: URLSearchParams
  readonly preferences: GraphPreferences
  readonly ifMatch: string | null
  /** Parses a JSON body. */
  body(): Promise<Fields>
}

/** One operation of a resource. */
export interface GraphRoute {
  /** The name by which requests are counted and failures are planned, such as `events.create`. */
  readonly operation: string
  readonly method: string
  /** Matches the path after `/v1.0/`. */
  readonly path: RegExp
  readonly run: (call: GraphCall) => Response | Promise<Response>
}

/** A part of the API: its routes, and what all parts have in common. */
export interface GraphResource {
  readonly routes: readonly GraphRoute[]
  behave(): void
  /** Returns the number of writes of clients that changed something. */
  writes(): number
}

const VERSION = '/v1.0/'

/** Finds the route of a request. Undefined: the simulator does not have it. */
export function routeOf(
  routes: readonly GraphRoute[],
  request: Request,
): { readonly route: GraphRoute; readonly call: GraphCall } | undefined {
  const url = new URL(request.url)
  if (!url.pathname.startsWith(VERSION)) return undefined
  const path = url.pathname.slice(VERSION.length)
  for (const route of routes) {
    const found = request.method === route.method ? route.path.exec(path) : null
    if (found === null) continue
    const call: GraphCall = {
      ids: found.slice(1).map((segment: string | undefined) => decoded(segment ?? '')),
      url,
      parameters: url.searchParams,
      preferences: preferencesOf(request.headers.get('prefer')),
      ifMatch: request.headers.get('if-match'),
      async body() {
        const body: unknown = await request.json().catch(() => undefined)
        if (!isObject(body)) throw new GraphFailure('BadRequest', { message: 'Unable to read JSON request payload.' })
        return body
      },
    }
    return { route, call }
  }
  return undefined
}

/** Returns a segment of a path as text, or as it is if it is not encoded properly. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** Returns the link to the next page of a list, or to its changes. */
export const linkTo = ({ url }: GraphCall, parameter: string, token: string): string =>
  `${url.origin}${url.pathname}?${parameter}=${encodeURIComponent(token)}`
