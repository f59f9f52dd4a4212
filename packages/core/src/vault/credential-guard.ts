import type { CredentialFields } from '../auth/credential-fields.ts'
import type { Connection } from '../identity/connection.ts'
import type { Principal } from '../identity/principal.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { AuditEntry, AuditOperation } from '../ports/audit-sink.ts'
import type { UnsignedRequest } from '../ports/credential-source.ts'
import type { AuditTrail } from './audit-trail.ts'
import type { ConnectionRecord } from './connection-record.ts'
import { secretsOf } from './connection-record.ts'
import { auditOutcome, reasonOf } from './credential-refusal.ts'
import { credentialFingerprint } from './credential-fingerprint.ts'

/**
 * An operation on a credential.
 *
 * `connect`: store one, or choose which account it is for. `read`: read the state of a connection. `use`: sign a request with
 * it. `rotate`: replace it, or set or remove a backup. `revoke`: disconnect the account.
 */
export type CredentialOperation = 'connect' | 'read' | 'use' | 'rotate' | 'revoke'

export interface CredentialRequest {
  readonly operation: CredentialOperation
  readonly principal: Principal
  readonly serverId: string
  /** The name of the connection; `app` for the app's own credential. */
  readonly connection: string
}

/**
 * Decides who may do what with credentials. Called before each operation; returns whether it is allowed, and denies it by
 * throwing. `use` is called once for each request, so return it without a promise if you can.
 */
export type CredentialAccess = (request: CredentialRequest) => boolean | Promise<boolean>

export interface GuardContext {
  readonly serverId: string
  readonly fields: CredentialFields
  readonly access: CredentialAccess | undefined
  readonly trail: AuditTrail | undefined
}

/** Facts about an operation, for the audit. */
export interface Circumstances {
  readonly actor?: Principal | undefined
  /** The credential: the entry gets its fingerprint, and its secrets are redacted. */
  readonly record?: Pick<ConnectionRecord, 'credential' | 'grant'> | undefined
  readonly secrets?: readonly string[] | undefined
  readonly reason?: string | undefined
  readonly requestId?: string | undefined
}

/** The call of a request that is signed. */
type SignedCall = Pick<UnsignedRequest['call'], 'connection' | 'principal' | 'requestId'>

type About = Pick<Connection, 'tenant' | 'name'>

/** Asks the host's policy about the credentials of one connector, and records operations in the audit. */
export class CredentialGuard {
  readonly #context: GuardContext

  constructor(context: GuardContext) {
    this.#context = context
  }

  /** Whether the host has a policy. */
  get restricts(): boolean {
    return this.#context.access !== undefined
  }

  /** Whether the audit records each request that is signed. */
  get auditsUse(): boolean {
    return this.#context.trail?.wantsUse === true
  }

  /**
   * Rejects unless the policy allows the operation. Returns undefined if it does at once, or if there is no policy.
   * @throws never; rejects with ConnectorError PERMISSION_DENIED, or API_INTERNAL_ERROR if the policy fails
   */
  assertAllowed(
    operation: CredentialOperation,
    principal: Principal,
    about: About,
    requestId?: string,
  ): Promise<void> | undefined {
    const { access, serverId } = this.#context
    if (access === undefined) return undefined
    // The policy is a host's code, so anything but true denies.
    let verdict: unknown
    try {
      verdict = access({ operation, principal, serverId, connection: about.name })
    } catch (error) {
      verdict = Promise.reject(error)
    }
    if (verdict === true) return undefined
    return this.#settle(verdict, operation, principal, about, requestId)
  }

  /** Returns whether the policy allows the operation, without an audit entry. A policy that fails denies. */
  async isAllowed(operation: CredentialOperation, principal: Principal, { name }: About): Promise<boolean> {
    const { access, serverId } = this.#context
    try {
      const verdict: unknown = await access?.({ operation, principal, serverId, connection: name })
      return access === undefined || verdict === true
    } catch {
      return false
    }
  }

  /** Writes an audit entry. Never rejects; returns undefined if there is no audit. */
  record(
    operation: AuditOperation,
    outcome: AuditEntry['outcome'],
    { tenant, name }: About,
    circumstances: Circumstances = {},
  ): Promise<void> | undefined {
    const { trail, serverId, fields } = this.#context
    const { actor, record, secrets = [], reason, requestId } = circumstances
    return trail?.record({
      operation,
      outcome,
      actor,
      serverId,
      tenant,
      connection: name,
      fingerprint: record && credentialFingerprint(record, fields),
      reason,
      requestId,
      secrets: [...secrets, ...(record ? secretsOf(record) : [])],
    })
  }

  /** Runs `work`, and records its failure. On success, `work` has recorded it itself. */
  async audited<Result>(
    operation: AuditOperation,
    about: About,
    circumstances: Circumstances,
    work: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await work()
    } catch (error) {
      await this.record(operation, auditOutcome(error), about, {
        ...circumstances,
        reason: reasonOf(error),
      })
      throw error
    }
  }

  /** Records that a request was signed with `record`, and how it ended. */
  async auditUse<Result>(
    { connection, principal: actor, requestId }: SignedCall,
    record: ConnectionRecord,
    send: () => Promise<Result>,
  ): Promise<Result> {
    const about = { actor, record, requestId }
    try {
      const result = await send()
      void this.record('use', 'success', connection, about)
      return result
    } catch (error) {
      void this.record('use', auditOutcome(error), connection, { ...about, reason: reasonOf(error) })
      throw error
    }
  }

  async #settle(
    verdict: unknown,
    operation: CredentialOperation,
    principal: Principal,
    about: About,
    requestId: string | undefined,
  ): Promise<void> {
    let settled: unknown
    try {
      settled = await verdict
    } catch (error) {
      await this.record('access_denied', 'failed', about, { actor: principal, reason: operation, requestId })
      throw this.#broken(error)
    }
    if (settled === true) return
    await this.record('access_denied', 'refused', about, { actor: principal, reason: operation, requestId })
    const { serverId } = this.#context
    throw new ConnectorError(
      'PERMISSION_DENIED',
      `${principal.tenant} may not ${operation} the credential of ${serverId} here.`,
      { serverId, hint: 'The access policy of the vault does not allow it.', outcome: 'not_processed' },
    )
  }

  #broken(cause: unknown): ConnectorError {
    const { serverId } = this.#context
    return new ConnectorError(
      'API_INTERNAL_ERROR',
      'The access policy of the vault failed, so nothing was done.',
      { serverId, hint: 'Read the cause of this error with causeOf().', outcome: 'not_processed' },
      { cause },
    )
  }
}
