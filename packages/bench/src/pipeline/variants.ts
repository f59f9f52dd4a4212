import { ConnectorError, stages } from '@mcpclient/core'
import type { Attempt, Pipeline, RequestStage, StageFor } from '@mcpclient/core'
import { emptyTransport } from '../clients/empty-transport.ts'
import { governedClient } from '../clients/governed.ts'
import type { Governance } from '../clients/governed.ts'

/** The repeated operation. */
export type Operation = () => Promise<unknown>

const HOUR_MS = 3_600_000

async function reading(governance: Governance = {}): Promise<Operation> {
  const service = await governedClient({ transport: emptyTransport, ...governance }).connect('tenant_1')
  return () => service.call('ping', { id: 'id_1' })
}

async function writing(): Promise<Operation> {
  const service = await governedClient({ transport: emptyTransport }).connect('tenant_1')
  return () => service.call('send_item', { id: 'id_1' })
}

/** Returns the operation, which has to fail with this code each time. */
const refused =
  (operation: Operation, code: string): Operation =>
  async () => {
    try {
      await operation()
    } catch (error) {
      if (ConnectorError.is(error) && error.code === code) return
      throw error
    }
    throw new Error(`It was not refused with ${code}.`)
  }

async function breakerOpen(): Promise<Operation> {
  const operation = await reading({
    transport: { send: () => Promise.reject(new Error('down')) },
    retry: { attempts: 1 },
    breaker: { minimumCalls: 2, openMs: HOUR_MS, maxOpenMs: HOUR_MS },
  })
  for (let failures = 0; failures < 2; failures++) await operation().catch(() => undefined)
  return refused(operation, 'CIRCUIT_OPEN')
}

async function limitSpent(): Promise<Operation> {
  const operation = await reading({
    limit: { scope: 'connection', requests: 1, perMs: HOUR_MS },
    limits: { whenLimited: 'refuse' },
  })
  await operation()
  return refused(operation, 'MCP_RATE_LIMIT_EXCEEDED')
}

/** Throws one handmade error through the minimum of frames. */
const error = refused(async () => {
  await Promise.resolve()
  throw new ConnectorError('CIRCUIT_OPEN', 'service has been failing, so nothing was sent.', {
    retryAfterMs: 1000,
    outcome: 'not_processed',
  })
}, 'CIRCUIT_OPEN')

/** Runs one stage alone with an attempt of the whole pipeline. */
async function alone(stage: StageFor<RequestStage>): Promise<Operation> {
  let operation: Operation | undefined
  const catching: StageFor<RequestStage> = (scope) => (next) => (attempt: Attempt) => {
    const reply = { status: 200, headers: { get: () => null }, body: undefined }
    const wrapped = stage(scope)?.(() => Promise.resolve(reply))
    operation = wrapped && (() => wrapped(attempt))
    return next(attempt)
  }
  const pipeline: Pipeline = (standard) => ({ ...standard, request: [catching] })
  await (
    await reading({ pipeline })
  )()
  if (operation === undefined) throw new Error('The stage has no use for this connector.')
  return operation
}

export const variants: Readonly<Record<string, () => Operation | Promise<Operation>>> = {
  await: () => async () => undefined,
  read: () => reading(),
  write: () => writing(),
  no_stages: () => reading({ pipeline: () => ({ call: [], request: [] }) }),
  breaker_open: breakerOpen,
  limit_spent: limitSpent,
  error: () => error,
  approve: () => alone(stages.approve),
  retry: () => alone(stages.retry),
  breaker: () => alone(stages.breaker),
  rate_limit: () => alone(stages.rateLimit),
  timeout: () => alone(stages.timeout),
  authorize: () => alone(stages.authorize),
}
