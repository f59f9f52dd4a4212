import type { Call } from '../connector/call.ts'
import type { ConnectorError } from '../errors/connector-error.ts'
import type { ConnectorScope } from '../pipeline/connector-scope.ts'

/**
 * Tells the host's listeners and, of a failure, the log how a call ended.
 * @param started on the clock's monotonic scale
 */
export function announceCall(
  scope: ConnectorScope,
  call: Call,
  started: number,
  failure: ConnectorError | undefined,
): void {
  const durationMs = scope.clock.monotonic() - started
  scope.emit('call.finished', () => ({
    serverId: call.serverId,
    toolName: call.toolName,
    tenant: call.principal.tenant,
    user: call.principal.user,
    agent: call.principal.agent,
    connection: call.connection.name,
    requestId: call.requestId,
    effect: call.tool.effect,
    status: failure === undefined ? 'success' : 'error',
    code: failure?.code,
    durationMs,
  }))
  if (failure === undefined) return
  const { serverId, toolName, requestId } = call
  // The URL is for the person alone: whoever reads its state could answer for the provider.
  const { authorizeUrl: _forThePerson, ...details } = failure.details
  scope.logger.warn(
    { serverId, toolName, requestId, tenant: call.principal.tenant, error: { ...failure.toJSON(), details } },
    'A call failed.',
  )
}
