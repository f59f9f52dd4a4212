import type { FlowContext, GrantProtocol } from '@mcpclient/core/oauth'
import type { AuthStrategy } from '@mcpclient/core/define'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'

/** Loads every method of a strategy's protocol. */
export const protocolOf = async ({ flow }: AuthStrategy): Promise<Required<GrantProtocol>> =>
  (await flow?.load()) as Required<GrantProtocol>

/** Returns the context of a flow with a scripted server. */
export function scriptedFlow(replies: readonly ScriptedReply[], given: Partial<FlowContext> = {}) {
  const transport = scriptedTransport(replies)
  const clock = createFakeClock()
  const context: FlowContext = {
    app: {},
    fields: {},
    settings: {},
    transport,
    clock,
    signal: undefined,
    documents: new Map(),
    registrations: {
      find: () => Promise.resolve(undefined),
      keep: (_issuer, registration) => Promise.resolve(registration),
      forget: () => Promise.resolve(),
    },
    ...given,
  }
  return { transport, clock, context }
}
