import type { Run, Step } from '../connector/steps.ts'
import type { PendingCall } from './client-host.ts'
import type { ClientOperation } from './operation.ts'

/** Turns an operation into a call, which waits behind the calls of users for rate limits. */
export const callOf = (
  { name, effect, idempotent, scopes, request, signal }: ClientOperation,
  perform: PendingCall['perform'],
): PendingCall => {
  const tool = { effect, idempotent, scopes, run: () => steps(request) }
  return { toolName: name, tool, input: undefined, options: { signal, priority: 'background' }, perform }
}

function* steps(request: ClientOperation['request']): Run<unknown> {
  const made = request()
  if ('next' in made) return yield* made
  const step: Step = { request: made }
  return yield step
}
