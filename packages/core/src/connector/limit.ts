/** The scope of a limit: all tenants of the app, one tenant, one connection, or one tool of one connection. */
export type LimitScope = 'app' | 'tenant' | 'connection' | 'method'

/** A rate limit of the provider. A request waits until all of its limits have room. */
export interface Limit {
  /** The name by which a request states its cost: `cost: { points: 5 }`. Limits that count the same unit share a name. */
  readonly name?: string | undefined
  /** @default 'method' on a tool, 'connection' on a connector */
  readonly scope?: LimitScope | undefined
  /**
   * The name of a field of the input, such as `channel`, whose values are counted separately. Calls without the field are
   * not counted.
   */
  readonly per?: string | undefined
  /** Number of requests allowed in `perMs` milliseconds. */
  readonly requests?: number | undefined
  readonly perMs?: number | undefined
  /** Number of requests that can be sent at once after a pause. @default requests */
  readonly burst?: number | undefined
  /** Maximum number of requests in flight, whatever their cost. */
  readonly concurrent?: number | undefined
}

/** A limit with its scope and its tools, as the runtime uses it. */
export interface DeclaredLimit extends Limit {
  readonly scope: LimitScope
  /** The tools that the limit covers. Absent if it covers all. */
  readonly tools?: readonly string[] | undefined
}

/** Collects the limits of a connector and of its tools. Tools that name the same limit share it. */
export function declaredLimits(
  limits: readonly Limit[] = [],
  tools: Readonly<Record<string, { readonly limit?: Limit | readonly Limit[] | undefined }>> = {},
): readonly DeclaredLimit[] {
  const users = new Map<Limit, string[]>()
  for (const [name, { limit = [] }] of Object.entries(tools)) {
    for (const each of [limit].flat()) users.set(each, [...(users.get(each) ?? []), name])
  }
  return [
    ...limits.map((limit) => ({ ...limit, scope: limit.scope ?? 'connection' })),
    ...[...users].map(([limit, names]) => ({ ...limit, scope: limit.scope ?? 'method', tools: names })),
  ]
}

const NARROWEST_FIRST: readonly LimitScope[] = ['method', 'connection', 'tenant', 'app']

/**
 * Returns the scope that has to wait after a 429 to a tool: the narrowest scope of its limits. A tool without a limit uses
 * the scopes of the other limits.
 */
export function blockedScope(limits: readonly DeclaredLimit[], toolName: string): LimitScope {
  const own = limits.filter(({ tools }) => tools === undefined || tools.includes(toolName))
  const counted = own.length === 0 ? limits : own
  return NARROWEST_FIRST.find((by) => counted.some(({ scope }) => scope === by)) ?? 'connection'
}
