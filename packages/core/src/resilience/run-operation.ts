import { ConnectorError } from '../errors/connector-error.ts'
import { loggedError } from '../errors/logged-error.ts'
import type { Connection } from '../identity/connection.ts'
import type { OperationOptions } from '../ports/accounts.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import { assertLimits } from './call-limits.ts'
import { cancelled } from './lifetime.ts'
import type { Lifetime } from './lifetime.ts'

export interface OperationContext {
  readonly connection: Connection
  readonly lifetime: Lifetime
  readonly clock: Clock
  readonly logger: Logger
  /** The default time limit in milliseconds. */
  readonly callMs: number
}

/**
 * Runs an operation on a connection within its limits. Its work continues after a timeout, so that its result is stored.
 * @param doing the operation, for errors and the log: `Connecting`
 * @param load loads the code of the operation; the timer starts after that, because loading needs no network
 * @throws ConnectorError for any failure, after it is logged
 */
export async function runOperation<Code, Result>(
  { connection, lifetime, clock, logger, callMs }: OperationContext,
  doing: string,
  options: OperationOptions,
  load: () => Promise<Code>,
  work: (code: Code) => Promise<Result>,
): Promise<Result> {
  const { signal, timeoutMs = callMs } = options
  const { serverId, tenant, name } = connection
  try {
    assertLimits(options)
    if (signal?.aborted) throw cancelled(signal)
    const limits = { options, limitMs: timeoutMs, deadline: clock.monotonic() + timeoutMs }
    const code = await load()
    lifetime.assertOpen()
    return await lifetime.race(work(code), limits, 'the credential store or the provider', undefined)
  } catch (error) {
    const failure = ConnectorError.from(error, `${doing} ${serverId}`)
    const about = { event: 'operation.failed', serverId, tenant, connection: name, operation: doing }
    logger.warn({ ...about, error: loggedError(failure) }, 'An operation on a connection failed.')
    throw failure
  }
}

/** Resolves immediately: the `load` of an operation whose code is already loaded. */
export const nothingToLoad = (): Promise<void> => Promise.resolve()
