import type { Profile, Reply } from '@mcpclient/core'
import type { RequestSpec } from '@mcpclient/core/define'
import type { RecordedRequest } from '../../transports/recorded-request.ts'
import type { ScriptedReply } from '../../transports/scripted-transport.ts'
import { builtRequests } from './built-requests.ts'
import { withPlainHeaders } from './fixture-reply.ts'
import { writes } from './provider-script.ts'
import { successes } from './subject.ts'
import type { Call, ContractSubject } from './subject.ts'

/** Tools that the runtime has to treat alike. */
export type Kind = 'read' | 'unsafe write' | 'safe write'

/** The kind of a tool: a write is safe if sending it twice does the same as sending it once. */
export function kindOf({ tool }: Call): Kind {
  if (tool.effect === 'read') return 'read'
  return tool.idempotent === true || tool.idempotencyKey !== undefined ? 'safe write' : 'unsafe write'
}

/** The plainest call of a kind: the runtime treats the others as it treats this one. */
export function representative(subject: ContractSubject, kind: Kind): Call | undefined {
  const calls = successes(subject).filter((call) => call.tool.stream === undefined && kindOf(call) === kind)
  const plain = (call: Call): number => (call.tool.run ? 2 : 0) + (call.tool.pages ? 1 : 0)
  return calls.toSorted((one, other) => plain(one) - plain(other))[0]
}

/** The requests of a call whose effect is the call's own. */
export const concerning =
  (call: Call) =>
  (request: RecordedRequest): boolean =>
    call.tool.run === undefined || call.tool.effect === 'read' || writes(request)

/** Returns whether this very answer says that the provider did not process the request. */
export function provesNothingHappened(profile: Profile, answer: ScriptedReply | undefined): boolean {
  if (answer === undefined || answer instanceof Error) return false
  const reply = withPlainHeaders(answer)
  return failureOf(profile, reply)?.notProcessed ?? false
}

/** What the profile makes of an answer; undefined, too, where it throws: another check tells its author. */
export function failureOf(profile: Profile, reply: Reply): ReturnType<NonNullable<Profile['failure']>> {
  try {
    return profile.failure?.(reply)
  } catch {
    return undefined
  }
}

export function replyOf(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { get: (name) => headers[name] ?? null }, body }
}

/** Whether the tool takes the answer as it comes, so that no answer is malformed. */
export function takesAnything(subject: ContractSubject, call: Call): boolean {
  if (call.tool.stream !== undefined) return true
  const requests: readonly RequestSpec[] = builtRequests(subject, call)
  return requests.some(({ read }) => read === 'text' || read === 'bytes')
}
