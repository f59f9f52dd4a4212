import type { Call, Principal } from '../connector/call.ts'
import type { Effect } from '../connector/effect.ts'
import type { RequestSpec } from '../connector/request.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { isThenable } from './is-thenable.ts'
import { NameMatcher, rememberingMatchers } from './name-matcher.ts'
import type { CallStage, StageFor } from './stage.ts'

type MatcherOf = (patterns: readonly string[]) => NameMatcher

/** Who may call what. Names are `server_id.tool_name`; `*` stands for any run of characters: `slack.*`, `*.list_*`. */
export interface Policy {
  /** Only these; absent: all. */
  readonly allow?: readonly string[] | undefined
  /** None of these, whatever `allow` says. */
  readonly deny?: readonly string[] | undefined
  /** Only tools of these effects; absent: all. */
  readonly effects?: readonly Effect[] | undefined
}

/** A write that waits for a yes. */
export interface Proposal {
  readonly principal: Principal
  readonly serverId: string
  readonly toolName: string
  readonly effect: Effect
  readonly requestId: string
  readonly input: unknown
  /** What would be sent, without any credential. */
  readonly request: Pick<RequestSpec, 'path' | 'query' | 'body' | 'headers'> & {
    readonly method: string
    readonly summary?: unknown
  }
}

export type Verdict = boolean | { readonly approved: boolean; readonly reason?: string }

export interface Permissions {
  /** One policy for everybody, or the policy of a principal. */
  readonly policy?: Policy | ((principal: Principal) => Policy | Promise<Policy>) | undefined
  /** Asked before each request that writes or destroys is sent; it sees the request as a value. */
  readonly approve?: ((proposal: Proposal) => Verdict | Promise<Verdict>) | undefined
}

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
