import type { CredentialFields } from '../auth/credential-fields.ts'
import type { Connection } from '../identity/connection.ts'
import type { Principal } from '../identity/principal.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { AuditEntry, AuditOperation } from '../ports/audit-sink.ts'
import type { UnsignedRequest } from '../ports/credential-source.ts'
import type { AuditTrail } from './audit-trail.ts'
import type { ConnectionRecord } from './connection-record.ts'
import { secretsOf } from './connection-record.ts'
import type { CredentialAccess, CredentialOperation } from './credential-access.ts'
import { auditOutcome, reasonOf } from './credential-refusal.ts'
import { credentialFingerprint } from './credential-fingerprint.ts'

export interface GuardOptions {
  readonly serverId: string
  readonly fields: CredentialFields
  readonly access: CredentialAccess | undefined
  readonly trail: AuditTrail | undefined
}

/** What else is known of an operation. */
export interface Circumstances {
  readonly actor?: Principal | undefined
  /** Whose fingerprint the entry gets, and whose secrets its reason never has. */
  readonly record?: Pick<ConnectionRecord, 'credential' | 'grant'> | undefined
  readonly secrets?: readonly string[] | undefined
  readonly reason?: string | undefined
  readonly requestId?: string | undefined
}

/** The call of a request that is signed. */
type SignedCall = Pick<UnsignedRequest['call'], 'connection' | 'principal' | 'requestId'>

type About = Pick<Connection, 'tenant' | 'name'>

/** Stands at the door to the credentials of one connector: asks the host's policy, and keeps the audit. */
export class CredentialGuard {
  readonly #options: GuardOptions

  constructor(options: GuardOptions) {
    this.#options = options
  }

  /** Whether anybody has a say in who may do what. */
  get restricts(): boolean {
    return this.#options.access !== undefined
  }

  /** Whether the audit wants to know of each request that is signed. */
  get auditsUse(): boolean {
    return this.#options.trail?.wantsUse === true
  }

  /**
   * Undefined where the policy says yes at once, or where there is none.
   * @throws never, but rejects with ConnectorError PERMISSION_DENIED, or API_INTERNAL_ERROR if the policy fails
   */
  allow(
    operation: CredentialOperation,
    principal: Principal,
    about: About,
    requestId?: string,
  ): Promise<void> | undefined {
    const { access, serverId } = this.#options
    if (access === undefined) return undefined
    // From a host's own code, so what it says that is neither yes nor no is a no.
    let verdict: unknown
    try {
      verdict = access({ operation, principal, serverId, connection: about.name })
    } catch (error) {
      verdict = Promise.reject(error)
    }
    if (verdict === true) return undefined
    return this.#settle(verdict, operation, principal, about, requestId)
  }

  /** The same as a question, of which the audit hears nothing. A policy that fails says no. */
  async permits(operation: CredentialOperation, principal: Principal, { name }: About): Promise<boolean> {
    const { access, serverId } = this.#options
    try {
      const verdict: unknown = await access?.({ operation, principal, serverId, connection: name })
      return access === undefined || verdict === true
    } catch {
      return false
    }
  }

  /** Never rejects. Undefined where nobody keeps an audit. */
  record(
    operation: AuditOperation,
    outcome: AuditEntry['outcome'],
    { tenant, name }: About,
    circumstances: Circumstances = {},
  ): Promise<void> | undefined {
    const { trail, serverId, fields } = this.#options
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

  /** Keeps the audit of `work`, should it fail; who does it well says so itself. */
  async watch<Answer>(
    operation: AuditOperation,
    about: About,
    circumstances: Circumstances,
    work: () => Promise<Answer>,
  ): Promise<Answer> {
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
    const { serverId } = this.#options
    throw new ConnectorError(
      'PERMISSION_DENIED',
      `${principal.tenant} may not ${operation} the credential of ${serverId} here.`,
      { serverId, hint: 'The access policy of the vault does not allow it.', outcome: 'not_processed' },
    )
  }

  #broken(cause: unknown): ConnectorError {
    const { serverId } = this.#options
    return new ConnectorError(
      'API_INTERNAL_ERROR',
      'The access policy of the vault failed, so nothing was done.',
      { serverId, hint: 'Look at the cause of this error with causeOf().', outcome: 'not_processed' },
      { cause },
    )
  }
}
