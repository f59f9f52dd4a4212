import type { Attempt } from './call.ts'
import type { Reply } from '../connector/reply.ts'
import { secretsOf } from '../vault/connection-record.ts'
import type { ConnectionRecord } from '../vault/connection-record.ts'
import { isRefusal, reasonOf } from '../vault/credential-guard.ts'
import { withoutSecrets } from '../redaction/without-secrets.ts'
import type { ConnectorContext } from './connector-context.ts'
import { missingScopes, needsScope } from './needs-scope.ts'
import type { Next, RequestStage, StageFor } from './stage.ts'
import { CredentialUse } from './use-credential.ts'
import type { SendWith } from './use-credential.ts'

/**
 * Gets the connection's credential ready. What it hands on is a function that signs: the credential itself stays
 * inside, so no stage, log or error can print it.
 */
export const authorize: StageFor<RequestStage> = (scope) => {
  const { vault } = scope
  const { auth } = scope.profile
  if (Object.keys(auth.fields).length === 0 && auth.flow === undefined) return undefined
  const { guard } = vault
  return (next) => {
    const sendWith: SendWith = (attempt, record) => {
      const { credential, grant } = record
      attempt.call.tally.withoutSecrets = (failure) => withoutSecrets(failure, secretsOf(record))
      attempt.sign = (request) => auth.sign(request, credential, grant)
      return next(attempt)
    }
    const use = new CredentialUse(scope, guard.auditsUse ? audited(scope, sendWith) : sendWith)
    const go = (attempt: Attempt, record: ConnectionRecord): Promise<Reply> => {
      const { tool } = attempt.call
      if (tool.scopes !== undefined && record.grant?.scopes !== undefined) {
        const missing = missingScopes(tool.scopes, record.grant, auth.flow)
        if (missing.length > 0) return refuseScopes(scope, attempt, missing)
      }
      return use.send(attempt, record)
    }
    const find = (attempt: Attempt): Promise<Reply> => {
      const record = vault.find(attempt.call.connection)
      if (!(record instanceof Promise)) return go(attempt, record)
      return record.then((found) => {
        // The attempt may have timed out meanwhile.
        attempt.signal?.throwIfAborted()
        return go(attempt, found)
      })
    }
    return guard.restricts ? permitted(scope, find) : find
  }
}

/** Asks the host's policy before the credential is even looked for. */
function permitted({ vault }: ConnectorContext, next: Next<Attempt, Reply>): Next<Attempt, Reply> {
  return (attempt) => {
    const { connection, principal, requestId } = attempt.call
    // Whoever may bring a credential in may have it tried.
    if (vault.isProposed(connection)) return next(attempt)
    const asked = vault.guard.allow('use', principal, connection, requestId)
    if (asked === undefined) return next(attempt)
    return asked.then(() => {
      // The attempt may have timed out meanwhile.
      attempt.signal?.throwIfAborted()
      return next(attempt)
    })
  }
}

/** Writes an audit entry for each request that is signed. */
function audited({ vault }: ConnectorContext, sendWith: SendWith): SendWith {
  const { guard } = vault
  return async (attempt, record) => {
    const { connection, principal: actor, requestId } = attempt.call
    if (vault.isProposed(connection)) return sendWith(attempt, record)
    const about = { actor, record, requestId }
    try {
      const reply = await sendWith(attempt, record)
      void guard.record('use', 'success', connection, about)
      return reply
    } catch (error) {
      void guard.record('use', isRefusal(error) ? 'refused' : 'failed', connection, {
        ...about,
        reason: reasonOf(error),
      })
      throw error
    }
  }
}

async function refuseScopes(scope: ConnectorContext, { call }: Attempt, missing: readonly string[]): Promise<never> {
  // The address at which to agree is for those who may.
  const mayConnect = await scope.vault.guard.permits('connect', call.principal, call.connection)
  throw await needsScope(mayConnect ? scope : { ...scope, consent: undefined }, call, missing)
}
