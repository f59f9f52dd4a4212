import type { Call } from './call.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { NameMatcher, rememberingMatchers } from './name-matcher.ts'
import { isThenable } from './permissions.ts'
import type { Policy } from './permissions.ts'
import type { CallStage, StageFor } from './stage.ts'

type MatcherOf = (patterns: readonly string[]) => NameMatcher

/** Refuses what the host's policy does not allow, before anything is built or sent. */
export const permit: StageFor<CallStage> = ({ policies: { permissions }, lifetime }) => {
  const policy = permissions?.policy
  if (policy === undefined) return undefined
  if (typeof policy !== 'function') {
    const allows = judge(policy, (patterns) => new NameMatcher(patterns))
    return (next) => (call) => (allows(call) ? next(call) : refuse(call))
  }
  const matcherOf = rememberingMatchers()
  return (next) => async (call) => {
    const asked = policy(call.principal)
    const known = isThenable(asked) ? await lifetime.race(Promise.resolve(asked), call, 'the policy') : asked
    return judge(known, matcherOf)(call) ? next(call) : refuse(call)
  }
}

function judge({ allow, deny, effects }: Policy, matcherOf: MatcherOf): (call: Call) => boolean {
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
      { hint: 'The permissions of this client do not allow it.', outcome: 'not_processed' },
    ),
  )
