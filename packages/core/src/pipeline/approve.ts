import { isExchange } from '../connector/exchange.ts'
import type { Reply } from '../connector/reply.ts'
import type { Attempt } from './call.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { isThenable } from './permissions.ts'
import type { Proposal } from './permissions.ts'
import type { Next, RequestStage, StageFor } from './stage.ts'

/** Passes each request that writes to the host's approver, and sends it only if it is approved. */
export const approve: StageFor<RequestStage> = ({ policies: { permissions }, lifetime }) => {
  const decide = permissions?.approve
  if (decide === undefined) return undefined
  const sendIfApproved = async (attempt: Attempt, next: Next<Attempt, Reply>): Promise<Reply> => {
    const pending = decide(proposalOf(attempt))
    const verdict = isThenable(pending)
      ? await lifetime.race(Promise.resolve(pending), attempt.call, 'an approval')
      : pending
    const { approved, reason } = typeof verdict === 'boolean' ? { approved: verdict, reason: undefined } : verdict
    if (approved) return next(attempt)
    const { serverId, toolName } = attempt.call
    throw new ConnectorError(
      'PERMISSION_DENIED',
      `${serverId}.${toolName} was not approved${reason === undefined ? '' : `: ${reason}`}.`,
      { outcome: 'not_processed', hint: 'Nothing was sent.' },
    )
  }
  return (next) => (attempt) => (attempt.effect === 'read' ? next(attempt) : sendIfApproved(attempt, next))
}

function proposalOf({ call, effect, request }: Attempt): Proposal {
  const { method, path } = request
  return {
    principal: call.principal,
    serverId: call.serverId,
    toolName: call.toolName,
    effect,
    requestId: call.requestId,
    input: call.input,
    // Safe: the input was parsed by the schema that `preview` is typed with.
    preview: call.tool.preview?.(call.input as never, { settings: call.settings } as never),
    request: isExchange(request)
      ? { method, path, summary: request.summary }
      : { method, path, query: request.query, body: request.body, headers: request.headers },
  }
}
