import type { GrantFlow } from './grant-flow.ts'

/** Scopes that control the protocol. Servers rarely return them as granted (Microsoft never does). */
const PROTOCOL_SCOPES: ReadonlySet<string> = new Set(['openid', 'offline_access'])

/** Returns whether a scope controls the protocol and grants no access, so that it is never missing. */
export const isProtocolScope = (scope: string): boolean => PROTOCOL_SCOPES.has(scope.toLowerCase())

/**
 * Returns the scopes of `wanted` that `granted` does not cover: by case-insensitive equality or the provider's rule.
 */
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
