import type { Run, Step } from '../connector/steps.ts'
import type { PendingCall } from './client-host.ts'
import type { ClientOperation } from './operation.ts'

/** Turns an operation into a call, which waits behind the calls of users for rate limits. */
export const callOf = (
  { name, effect, idempotent, scopes, request, signal }: ClientOperation,
  perform: PendingCall['perform'],
): PendingCall => {
  const run = (_input: unknown, context: { readonly settings: object }) => steps(request, context)
  const tool = { effect, idempotent, scopes, run }
  return { toolName: name, tool, input: undefined, options: { signal, priority: 'background' }, perform }
}

function* steps(request: ClientOperation['request'], context: Parameters<ClientOperation['request']>[0]): Run<unknown> {
  const made = request(context)
  if ('next' in made) return yield* made
  const step: Step = { request: made }
  return yield step
}
