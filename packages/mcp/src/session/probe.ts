import { ConnectorError, silentLogger } from '@mcpclient/core'
import type { Exchange } from '@mcpclient/core'
import type { ProbeResult } from '../auth/server-auth.ts'
import { challengeIn } from '../failures/refusal.ts'
import type { Sign } from '../protocol/link.ts'
import type { ServerContext } from './server-context.ts'

/**
 * Connects without a credential and returns whether the server allows that, or the challenge with which it refused.
 * @throws ConnectorError if the server could not be reached, or neither accepted nor asked for a credential
 */
export async function probe(server: ServerContext, signal: AbortSignal | undefined): Promise<ProbeResult> {
  const timeout = new AbortController()
  const cancel = server.clock.schedule(server.connectTimeoutMs, () => {
    timeout.abort(new ConnectorError('TIMEOUT', 'The server did not respond in time.', { outcome: 'not_processed' }))
  })
  try {
    const either = signal === undefined ? timeout.signal : AbortSignal.any([timeout.signal, signal])
    const attempt = () => connectBriefly(server, { signal: either, requestId: crypto.randomUUID() })
    // The server may have closed a kept connection meanwhile. Another attempt does no harm.
    await attempt().catch((error: unknown) => {
      const isLost = ConnectorError.is(error) && error.code === 'MCP_CONNECTION_ERROR' && !either.aborted
      if (!isLost) throw error
      return attempt()
    })
    return { open: true }
  } catch (error) {
    const challenge = challengeIn(error)
    if (challenge !== undefined) return { open: false, challenge }
    throw error
  } finally {
    cancel()
  }
}

/**
 * Returns the exchange that verifies a credential. It opens a session of its own, because the session that calls use
 * belongs to the credential that was verified before.
 */
export function checkExchange(server: ServerContext): Exchange {
  return {
    method: 'EXCHANGE',
    path: 'initialize',
    run: ({ signal, sign, requestId }) => connectBriefly(server, { signal, sign, requestId }),
  }
}

interface Attempt {
  readonly signal: AbortSignal | undefined
  /** Absent: without a credential. */
  readonly sign?: Sign | undefined
  readonly requestId: string
}

/** Opens a session, lists the tools, and closes the session. */
async function connectBriefly(
  server: ServerContext,
  { signal, sign, requestId }: Attempt,
): Promise<{ readonly server: string | undefined }> {
  const { connectClient } = await import('../protocol/connect-client.ts')
  const ended = new AbortController()
  const client = await connectClient({
    link: server.link,
    serverId: 'The server',
    clientInfo: server.clientInfo,
    logger: silentLogger,
    clock: server.clock,
    sign: () => sign,
    connectTimeoutMs: server.connectTimeoutMs,
    notifications: { onListChanged: nothing, onResourceUpdated: nothing, onLog: nothing },
    elicit: undefined,
    prior: undefined,
    signal: signal ?? ended.signal,
  })
  try {
    // A newer server may respond to `server/discover` without checking the credential.
    await client.listTools({ signal, requestId, onProgress: nothing, extend: nothing }, 1)
    return { server: client.server }
  } finally {
    await client.close(true)
  }
}

const nothing = () => undefined
