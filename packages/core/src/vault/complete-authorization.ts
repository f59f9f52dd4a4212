import { ConnectorError } from '../errors/connector-error.ts'
import { loggedError } from '../errors/logged-error.ts'
import type { Principal } from '../identity/principal.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Store } from '../ports/store.ts'
import type { AccountOperations } from './account-operations.ts'
import type { AuditTrail } from './audit-trail.ts'
import { assertCallbackAddress, parseCallback } from './callback.ts'
import { auditOutcome, reasonOf } from './credential-refusal.ts'
import { assertOwn, takePending } from './pending-authorization.ts'
import type { PendingAuthorization } from './pending-authorization.ts'
import type { CompletedAuthorization } from './vault-port.ts'

export interface CompletionContext {
  /** The store of authorizations that have started. */
  readonly state: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly trail: AuditTrail | undefined
  /**
   * Returns the operations on the connection that an authorization is for.
   * @throws ConnectorError ROUTING_ERROR if there is no connector with its server id
   */
  readonly operationsOn: (pending: PendingAuthorization) => AccountOperations
}

/** Completes an authorization: checks the callback, takes what was stored when it started, and connects the account. */
export async function completeAuthorization(
  { state, clock, logger, trail, operationsOn }: CompletionContext,
  callback: string | URL,
  principal: Principal,
): Promise<CompletedAuthorization> {
  const parsed = parseCallback(callback)
  const { url } = parsed
  // A failure in here is the host's mistake or another user's callback, so it does not use up the state.
  const check = async (started: PendingAuthorization): Promise<void> => {
    assertOwn(started, principal)
    assertCallbackAddress(started.redirectUri, parsed)
    await operationsOn(started).assertCompletable()
  }
  const pending = await takePending(state, clock, url.searchParams.get('state') ?? '', check).catch(
    async (error: unknown) => {
      // The guard has recorded what `access` denied.
      if (!isDenied(error)) {
        const outcome = auditOutcome(error)
        const about = { actor: principal, tenant: principal.tenant, reason: reasonOf(error) }
        await trail?.record({ operation: 'connect', outcome, ...about })
      }
      const failure = ConnectorError.from(error, 'Completing an authorization')
      const about = { event: 'callback.refused', tenant: principal.tenant, user: principal.user }
      logger.warn({ ...about, error: loggedError(failure) }, 'A callback was refused.')
      throw failure
    },
  )
  const { serverId, connection } = pending
  const result = await operationsOn(pending).complete(pending, url)
  return { ...result, serverId, connection }
}

const isDenied = (error: unknown): boolean => ConnectorError.is(error) && error.code === 'PERMISSION_DENIED'
