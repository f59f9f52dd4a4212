import { silentLogger } from '@mcpclient/core'
import type { Exchange } from '@mcpclient/core'
import type { RequestSpec } from '@mcpclient/core/define'
import type { ServerSetup } from '../server-setup.ts'
import type { Context } from '../session/connection.ts'

/**
 * Proves a credential by opening a session with it, and closing that again: the session that calls use belongs to the
 * credential that was proved before.
 */
export function checkExchange(setup: ServerSetup): RequestSpec {
  const exchange: Exchange = {
    method: 'EXCHANGE',
    path: 'initialize',
    async run({ signal, ...context }: Context) {
      const { openSession } = await import('../session/open-session.ts')
      const ended = new AbortController()
      const session = await openSession({
        link: setup.link,
        serverId: 'The server',
        clientInfo: setup.clientInfo,
        logger: silentLogger,
        clock: setup.clock,
        sign: () => context.sign,
        connectTimeoutMs: setup.connectTimeoutMs,
        events: { onListChanged: nothing, onResourceUpdated: nothing, onLog: nothing },
        elicit: undefined,
        prior: undefined,
        signal: signal ?? ended.signal,
      })
      try {
        // A newer server answers to its first question without looking at the credential, if it likes.
        await session.listTools({ signal, requestId: context.requestId, onProgress: nothing })
        return { server: session.server }
      } finally {
        await session.close(true)
      }
    },
  }
  // The pipeline takes an exchange wherever it takes a request; only the type of a check does not say so.
  return exchange as unknown as RequestSpec
}

const nothing = () => undefined
