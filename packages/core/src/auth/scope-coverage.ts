import type { GrantFlow } from './grant-flow.ts'

/** Scopes that steer the protocol. Servers seldom list them among the granted ones (Microsoft never does). */
const PROTOCOL_SCOPES: ReadonlySet<string> = new Set(['openid', 'offline_access'])

/** Whether a scope steers the protocol instead of allowing something, so that it is never missing. */
export const isProtocolScope = (scope: string): boolean => PROTOCOL_SCOPES.has(scope.toLowerCase())

/** The scopes of `wanted` that `granted` does not cover: by equality in any case, or by the provider's own rule. */
export function uncovered(
  wanted: readonly string[],
  granted: readonly string[],
  covers: GrantFlow['covers'],
): readonly string[] {
  if (wanted.every((scope) => granted.includes(scope))) return []
  const known = new Set(granted.map((scope) => scope.toLowerCase()))
  return wanted.filter(
    (scope) =>
      !known.has(scope.toLowerCase()) &&
      !isProtocolScope(scope) &&
      !granted.some((given) => covers?.(given, scope) === true),
  )
}
