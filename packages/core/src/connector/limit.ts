/** Who shares a limit: all tenants of this app, one tenant, one connection, or one tool of one connection. */
export type LimitScope = 'app' | 'tenant' | 'connection' | 'method'

/** One limit that the provider documents. A request waits until all the limits that it falls under have room. */
export interface Limit {
  /** @default 'method' on a tool, 'connection' on a connector */
  readonly scope?: LimitScope | undefined
  /** Requests allowed in `perMs` milliseconds. */
  readonly requests?: number | undefined
  readonly perMs?: number | undefined
  /** Requests that may come at once after a pause. @default requests */
  readonly burst?: number | undefined
  /** Requests that may be in flight at once. */
  readonly concurrent?: number | undefined
}

/** A limit as the runtime reads it. */
export interface DeclaredLimit extends Limit {
  readonly scope: LimitScope
  /** The tools that fall under it. Absent: all. */
  readonly tools?: readonly string[] | undefined
}

/** Collects the limits of a connector and of its tools. Tools that name the same limit share it. */
export function declaredLimits(
  limits: readonly Limit[] = [],
  tools: Readonly<Record<string, { readonly limit?: Limit | undefined }>> = {},
): readonly DeclaredLimit[] {
  const byLimit = Map.groupBy(
    Object.entries(tools).flatMap(([name, { limit }]) => (limit === undefined ? [] : [{ name, limit }])),
    ({ limit }) => limit,
  )
  return [
    ...limits.map((limit) => ({ ...limit, scope: limit.scope ?? 'connection' })),
    ...[...byLimit].map(([limit, users]) => ({
      ...limit,
      scope: limit.scope ?? 'method',
      tools: users.map(({ name }) => name),
    })),
  ]
}

const NARROWEST_FIRST: readonly LimitScope[] = ['method', 'connection', 'tenant', 'app']

/**
 * Returns what has to wait when the provider answers "too many requests" to a tool: the narrowest scope of the limits that
 * the tool falls under. Without one, the provider counts the tool as it counts the others.
 */
export function blockedScope(limits: readonly DeclaredLimit[], toolName: string): LimitScope {
  const own = limits.filter(({ tools }) => tools === undefined || tools.includes(toolName))
  const counted = new Set((own.length === 0 ? limits : own).map(({ scope }) => scope))
  return NARROWEST_FIRST.find((scope) => counted.has(scope)) ?? 'connection'
}
