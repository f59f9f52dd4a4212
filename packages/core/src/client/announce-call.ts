import type { Call } from '../pipeline/call.ts'
import type { ConnectorError } from '../errors/connector-error.ts'
import { loggedError } from '../errors/logged-error.ts'
import type { ConnectorContext } from '../pipeline/connector-context.ts'
import { silentLogger } from '../ports/logger.ts'

/**
 * Emits `call.finished` and logs the result of a call in one line.
 * @param started the start of the call, on the clock's monotonic scale
 */
export function announceCall(
  { clock, emit, logger }: ConnectorContext,
  call: Call,
  started: number,
  failure: ConnectorError | undefined,
): void {
  const durationMs = clock.monotonic() - started
  emit('call.finished', () => aboutCall(call, durationMs, failure))
  if (logger === silentLogger) return
  if (failure === undefined) {
    if (logger.isLevelEnabled?.('info') === false) return
    logger.info({ event: 'call.finished', ...aboutCall(call, durationMs, failure) }, 'A call succeeded.')
  } else {
    const error = loggedError(failure)
    logger.warn({ event: 'call.finished', ...aboutCall(call, durationMs, failure), error }, 'A call failed.')
  }
}

const aboutCall = (call: Call, durationMs: number, failure: ConnectorError | undefined) => ({
  serverId: call.serverId,
  toolName: call.toolName,
  tenant: call.principal.tenant,
  user: call.principal.user,
  agent: call.principal.agent,
  connection: call.connection.name,
  requestId: call.requestId,
  effect: call.tool.effect,
  status: failure === undefined ? ('success' as const) : ('error' as const),
  code: failure?.code,
  durationMs,
})
