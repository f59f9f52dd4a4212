import type { FlowContext, GrantProtocol, RefreshedGrant, Registrations } from '../auth/grant-flow.ts'
import type { Grant } from '../auth/grant.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { untilAborted } from '../ports/until-aborted.ts'
import { withoutSecrets } from '../redaction/without-secrets.ts'
import { secretsOf, settingsIn, stringValues } from './connection-record.ts'
import type { ConnectionRecord } from './connection-record.ts'
import type { ConnectorVaultContext, StoredGroup } from './connector-vault-context.ts'
import { storedRegistrations } from './registrations.ts'
import { withAssumedLifetime } from './renewal/grant-lineage.ts'

/** Timeout for revoking a grant at the provider. */
const REVOKE_MS = 15_000

/** Obtains, refreshes and revokes the grants of one connector at its authorization server. */
export class ProviderGrants {
  readonly #context: ConnectorVaultContext
  readonly #registrations: Registrations

  constructor({ context, group }: StoredGroup) {
    this.#context = context
    this.#registrations = storedRegistrations(context.store, group)
  }

  /** Returns what the protocol of the strategy runs with. */
  contextOf(
    record: Pick<ConnectionRecord, 'credential' | 'settings' | 'grant'>,
    signal: AbortSignal | undefined,
  ): FlowContext {
    const { host, composed, documents } = this.#context
    const { app, appCredential, settings } = composed.connector
    const { transport, clock, logger, allowPrivateHosts } = host
    return {
      app: app ?? {},
      fields: { ...appCredential, ...record.credential },
      settings: { ...settings, ...settingsIn(record, composed.serverId) },
      hostSettings: { ...settings },
      allowPrivateHosts,
      ownOrigins: new Set(),
      transport,
      clock,
      logger,
      signal,
      documents,
      registrations: this.#registrations,
    }
  }

  /** Runs a request of the protocol, and redacts every secret of the app and of `record` in its failure. */
  async withRedactedErrors<Result>(record: ConnectionRecord, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (error) {
      const { app } = this.#context.composed.connector
      throw withoutSecrets(error, [...secretsOf(record), ...stringValues(app)])
    }
  }

  /** Refreshes the grant of a record, or obtains one if the strategy works without a user. */
  async exchange(
    protocol: GrantProtocol,
    record: ConnectionRecord,
    signal: AbortSignal,
  ): Promise<{ readonly grant: Grant; readonly verify: RefreshedGrant['verify'] | undefined }> {
    const { flow } = this.#context.composed.connector.profile.auth
    if (flow === undefined) throw new TypeError('A strategy without grants has nothing to refresh.')
    const received = await this.withRedactedErrors<Grant | RefreshedGrant>(record, () => {
      const context = this.contextOf(record, signal)
      if (record.grant !== undefined && flow.renewal !== 'obtain') return protocol.refresh(context, record.grant)
      if (protocol.obtain === undefined) throw new TypeError('The strategy cannot obtain a grant.')
      return protocol.obtain(context, { scopes: flow.scopes })
    })
    if (!('grant' in received)) return { grant: withAssumedLifetime(received, flow.refresh), verify: undefined }
    return {
      grant: withAssumedLifetime(received.grant, flow.refresh),
      verify: (stop) => this.withRedactedErrors({ ...record, grant: received.grant }, () => received.verify(stop)),
    }
  }

  /**
   * Revokes the grant of a record at the provider.
   * @returns false if the provider has no way to revoke it
   */
  async revoke(record: ConnectionRecord, timeoutMs = REVOKE_MS): Promise<boolean> {
    const { host, composed } = this.#context
    const { grant } = record
    const protocol = grant && (await composed.connector.profile.auth.flow?.load())
    if (grant === undefined || protocol?.revoke === undefined) return false
    const timer = new AbortController()
    const cancel = host.clock.schedule(timeoutMs, () => {
      timer.abort(new ConnectorError('TIMEOUT', 'The provider did not respond in time.'))
    })
    try {
      const revoking = this.withRedactedErrors(record, async () =>
        protocol.revoke?.(this.contextOf(record, timer.signal), grant),
      )
      await untilAborted(revoking, timer.signal)
      return true
    } finally {
      cancel()
    }
  }

  /** Revokes like {@link revoke}, but returns false on a failure too. */
  async tryRevoke(record: ConnectionRecord): Promise<boolean> {
    try {
      return await this.revoke(record)
    } catch {
      return false
    }
  }
}
