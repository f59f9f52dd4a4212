import { silentLogger } from '@mcpclient/core'
import type { Exchange } from '@mcpclient/core'
import type { ServerSetup } from '../server-setup.ts'
import type { Sign } from '../session/link.ts'

/**
 * Proves a credential by opening a session with it, and closing that again: the session that calls use belongs to the
 * credential that was proved before.
 */
export function checkExchange(setup: ServerSetup): Exchange {
  return {
    method: 'EXCHANGE',
    path: 'initialize',
    run: ({ signal, sign, requestId }) => visit(setup, { signal, sign, requestId }),
  }
}

/**
 * Opens a session, asks for the tools, and closes it.
 * @param visitor.sign absent: without a credential
 */
export async function visit(
  setup: ServerSetup,
  visitor: {
    readonly signal: AbortSignal | undefined
    readonly sign?: Sign | undefined
    readonly requestId: string
  },
): Promise<{ readonly server: string | undefined }> {
  const { signal, sign, requestId } = visitor
  const { openSession } = await import('../session/open-session.ts')
  const ended = new AbortController()
  const session = await openSession({
    link: setup.link,
    serverId: 'The server',
    clientInfo: setup.clientInfo,
    logger: silentLogger,
    clock: setup.clock,
    sign: () => sign,
    connectTimeoutMs: setup.connectTimeoutMs,
    events: { onListChanged: nothing, onResourceUpdated: nothing, onLog: nothing },
    elicit: undefined,
    prior: undefined,
    signal: signal ?? ended.signal,
  })
  try {
    // A newer server answers to its first question without looking at the credential, if it likes.
    await session.listTools({ signal, requestId, onProgress: nothing, extend: nothing }, 1)
    return { server: session.server }
  } finally {
    await session.close(true)
  }
}

const nothing = () => undefined
