import type { Profile, Reply } from '@mcpclient/core'
import type { RequestSpec } from '@mcpclient/core/define'
import type { RecordedRequest } from '../../transports/recorded-request.ts'
import type { ScriptedReply } from '../../transports/scripted-transport.ts'
import { builtRequests } from './built-requests.ts'
import { withPlainHeaders } from './fixture-reply.ts'
import { writes } from './provider-script.ts'
import { successes } from './subject.ts'
import type { Call, ContractSubject } from './subject.ts'

/** The kinds of tools that the runtime treats differently. */
export type Kind = 'read' | 'unsafe write' | 'safe write'

/** Returns the kind of a tool. A write is safe if sending it twice has the same effect as sending it once. */
export function kindOf({ tool }: Call): Kind {
  if (tool.effect === 'read') return 'read'
  return tool.idempotent === true || tool.idempotencyKey !== undefined ? 'safe write' : 'unsafe write'
}

/** Returns the simplest call of a kind. The runtime treats the others in the same way. */
export function representative(subject: ContractSubject, kind: Kind): Call | undefined {
  const calls = successes(subject).filter((call) => call.tool.stream === undefined && kindOf(call) === kind)
  const plain = (call: Call): number => (call.tool.run ? 2 : 0) + (call.tool.pages ? 1 : 0)
  return calls.toSorted((one, other) => plain(one) - plain(other))[0]
}

/** Returns the requests of a call that carry its own effect. */
export const concerning =
  (call: Call) =>
  (request: RecordedRequest): boolean =>
    call.tool.run === undefined || call.tool.effect === 'read' || writes(request)

/** Returns whether this very response says that the provider did not process the request. */
export function provesNothingHappened(profile: Profile, response: ScriptedReply | undefined): boolean {
  if (response === undefined || response instanceof Error) return false
  const reply = withPlainHeaders(response)
  return failureOf(profile, reply)?.notProcessed ?? false
}

/** Returns the failure that the profile reads from a response, or undefined if it throws. Another check reports that. */
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

/** Returns whether the tool accepts every response, so that none is malformed. */
export function takesAnything(subject: ContractSubject, call: Call): boolean {
  if (call.tool.stream !== undefined) return true
  const requests: readonly RequestSpec[] = builtRequests(subject, call)
  return requests.some(({ read }) => read === 'text' || read === 'bytes')
}
