import type { Call } from './call.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { NameMatcher, createMatcherCache } from './name-matcher.ts'
import { isThenable } from './permissions.ts'
import type { Policy } from './permissions.ts'
import type { CallStage, StageFor } from './stage.ts'

type MatcherOf = (patterns: readonly string[]) => NameMatcher

/** Rejects calls that the host's policy does not allow, before a request is built. */
export const permit: StageFor<CallStage> = ({ policies: { permissions }, lifetime }) => {
  const policy = permissions?.policy
  if (policy === undefined) return undefined
  if (typeof policy !== 'function') {
    const allows = compilePolicy(policy, (patterns) => new NameMatcher(patterns))
    return (next) => (call) => (allows(call) ? next(call) : refuse(call))
  }
  const matcherOf = createMatcherCache()
  return (next) => async (call) => {
    const pending = policy(call.principal)
    const found = isThenable(pending) ? await lifetime.race(Promise.resolve(pending), call, 'the policy') : pending
    return compilePolicy(found, matcherOf)(call) ? next(call) : refuse(call)
  }
}

function compilePolicy({ allow, deny, effects }: Policy, matcherOf: MatcherOf): (call: Call) => boolean {
  const allowed = allow === undefined ? undefined : matcherOf(allow)
  const denied = deny === undefined ? undefined : matcherOf(deny)
  return ({ serverId, toolName, tool }) => {
    const name = `${serverId}.${toolName}`
    return (
      (effects === undefined || effects.includes(tool.effect)) &&
      (allowed === undefined || allowed.matches(name)) &&
      denied?.matches(name) !== true
    )
  }
}

const refuse = ({ serverId, toolName, tool, principal }: Call): Promise<never> =>
  Promise.reject(
    new ConnectorError(
      'PERMISSION_DENIED',
      `${principal.tenant} may not call ${serverId}.${toolName}, a ${tool.effect} tool.`,
      { hint: 'Allow the tool in permissions.policy of the client.', outcome: 'not_processed' },
    ),
  )
