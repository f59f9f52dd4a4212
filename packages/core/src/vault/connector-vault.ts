import { enteredGrant } from '../auth/grant.ts'
import { refreshesAppCredential } from '../connector/connector.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Connection } from '../identity/connection.ts'
import { connectionAt } from '../ports/credential-source.ts'
import type { Signer } from '../ports/credential-source.ts'
import { isStoreFailure } from '../ports/store-failure.ts'
import { isOutOfUse, missingConnection, unusableConnection } from './connection-errors.ts'
import { isSameCredential, secretsOf, settingsIn } from './connection-record.ts'
import type { ConnectionRecord } from './connection-record.ts'
import { storedConnections } from './connection-store.ts'
import type { StoredConnection } from './connection-store.ts'
import type { ConnectorVaultContext, StoredGroup } from './connector-vault-context.ts'
import { REFUSED_AFTER_REFRESH } from './credential-refusal.ts'
import { credentialsToTry, isRefused } from './credential-list.ts'
import { CredentialRotation } from './credential-rotation.ts'
import { GrantRenewal } from './grant-renewal.ts'
import { isRefusedFresh, isValid } from './renewal/refresh-timing.ts'
import type { Row } from './renewal/renewal-context.ts'

/** The record used when a tenant has no connection and the service may not need one. */
const ANONYMOUS: ConnectionRecord = { credential: {} }

/** States in which there is a credential to try. */
const usableStates: ReadonlySet<string> = new Set(['active', 'degraded', 'needs_reauth'])

/** The stored credentials of one connector: finds them, refreshes them, and keeps notes on them. */
export class ConnectorVault implements StoredGroup {
  readonly context: ConnectorVaultContext
  readonly rotation: CredentialRotation
  readonly renewal: GrantRenewal
  readonly group: string
  readonly #signers = new WeakMap<ConnectionRecord, Signer>()
  /** The app's own credential, if it never has to be refreshed. */
  readonly #fixed: ConnectionRecord | undefined

  constructor(context: ConnectorVaultContext) {
    const { composed, host, rows, warningDays, emit } = context
    const { app, appCredential, profile } = composed.connector
    const { flow } = profile.auth
    this.context = context
    this.#fixed =
      appCredential && !refreshesAppCredential(composed.connector) ? { credential: appCredential } : undefined
    const clientId = app?.['clientId']
    this.group =
      flow?.family !== undefined && typeof clientId === 'string'
        ? familyGroup(flow.family, clientId)
        : composed.serverId
    this.rotation = new CredentialRotation({ rows, clock: host.clock, warningDays, emit })
    this.renewal = new GrantRenewal(this, (storeKey) => this.#read(storeKey))
  }

  get serverId(): string {
    return this.context.composed.serverId
  }

  get auth() {
    return this.context.composed.connector.profile.auth
  }

  get guard() {
    return this.context.guard
  }

  get rows() {
    return this.context.rows
  }

  get clock() {
    return this.context.host.clock
  }

  get isShared(): boolean {
    return this.context.composed.connector.appCredential !== undefined
  }

  connectionOf(tenant: string, name: string): Connection {
    return connectionAt(this, tenant, name)
  }

  settingsOf(connection: Connection): object | undefined | Promise<object | undefined> {
    const record = this.find(connection)
    return record instanceof Promise
      ? record.then((found) => settingsIn(found, this.serverId))
      : settingsIn(record, this.serverId)
  }

  async isUsable(connection: Connection): Promise<boolean> {
    return this.#isUsable(await this.read(connection))
  }

  #isUsable(record: ConnectionRecord | undefined): record is ConnectionRecord {
    return record !== undefined && usableStates.has(record.state ?? 'active') && !record.left?.includes(this.serverId)
  }

  /**
   * Returns the secrets that verify webhooks of a connection: the field that the webhook names, of each of its credentials.
   * @returns an empty list if it has none, or if the vault's policy forbids their use; undefined if it is not in use
   */
  async signingSecretsOf(tenant: string, name: string): Promise<readonly string[] | undefined> {
    const connection = this.connectionOf(tenant, name)
    const record = await this.read(connection)
    if (!this.#isUsable(record)) return undefined
    if (!(await this.guard.isAllowed('use', { tenant, agent: 'webhooks' }, connection))) return []
    const field = this.context.composed.connector.webhook?.connectionSecret ?? ''
    // A key that the provider refuses proves nothing: it may have been replaced because it leaked. A secret beside it does.
    const isBesideKey = this.auth.fields[field]?.optional
    const secrets = credentialsToTry(record, this.clock.now()).flatMap(({ role, record: { credential } }) =>
      isBesideKey || !isRefused(record, role) ? (credential[field] ?? []) : [],
    )
    return [...new Set(secrets)]
  }

  /** Returns what signs with a record: one object for each record, so that a call counts it once. */
  signerOf(record: ConnectionRecord): Signer {
    let signer = this.#signers.get(record)
    if (signer === undefined) {
      const { credential, grant } = record
      const { app, signingSecrets = [] } = this.context.composed.connector
      signer = {
        sign: (request) => this.auth.sign(request, credential, grant, app),
        secrets: () => [...secretsOf(record), ...signingSecrets],
      }
      this.#signers.set(record, signer)
    }
    return signer
  }

  /**
   * Returns the record of a connection with a grant that is fit for use. Not a promise if it is cached.
   * @throws ConnectorError MCP_AUTHENTICATION_FAILURE if the tenant has not connected, or has to connect again
   */
  find(connection: Connection): ConnectionRecord | Promise<ConnectionRecord> {
    if (this.#fixed !== undefined) return this.#fixed
    return this.rows.cached(connection.storeKey)?.record ?? this.#find(connection)
  }

  /** Returns what the store holds, in any state; undefined if there is nothing. */
  async read(connection: Connection): Promise<ConnectionRecord | undefined> {
    if (this.#fixed !== undefined) return this.#fixed
    return (await this.#read(connection.storeKey))?.record
  }

  /** Yields the usable connections of a provider's account. Drops rows of the index that are outdated. */
  async *connectionsOf(accountId: string): AsyncGenerator<Connection> {
    const { accountIndexOf } = await import('./account-index.ts')
    const index = accountIndexOf(this)
    for await (const { tenant, name } of index?.find(accountId) ?? []) {
      const connection = this.connectionOf(tenant, name)
      const record = await this.read(connection)
      if (record?.account?.id !== accountId) await index?.remove(accountId, connection)
      else if (this.#isUsable(record)) yield connection
    }
  }

  async remove(connection: Connection): Promise<boolean> {
    this.renewal.forget(connection)
    return this.rows.remove(connection.storeKey)
  }

  /** Returns the names of a tenant's connections. */
  async names(tenant: string): Promise<readonly string[]> {
    const names: string[] = []
    for await (const page of storedConnections(this.context.store, this.group, tenant)) {
      names.push(...page.filter(isThere).map(({ name }) => name))
    }
    return names
  }

  /**
   * Returns the credential to try after a 401: one that another process has stored, or the refreshed grant. Undefined if
   * there is none. `refused_after_refresh` if a fresh token was rejected as well, so that the token is not the reason.
   */
  async afterRefusal(
    connection: Connection,
    refused: ConnectionRecord,
  ): Promise<ConnectionRecord | typeof REFUSED_AFTER_REFRESH | undefined> {
    if (this.#fixed !== undefined) return undefined
    const row = await this.#read(connection.storeKey)
    if (row === undefined) return undefined
    const { record } = row
    if (isOutOfUse(record)) throw unusableConnection(record)
    if (record.grant?.accessToken !== refused.grant?.accessToken) return this.#find(connection)
    if (!isSameCredential(record, refused)) return record
    if (record.grant === undefined || !this.renewal.canRenew(record)) return undefined
    try {
      return await this.renewal.renew(connection, { kind: 'refused', accessToken: record.grant.accessToken })
    } catch (error) {
      if (!ConnectorError.is(error) || error.details.reason !== 'fresh_token_refused') throw error
      return isRefusedFresh(record, this.clock.now()) ? REFUSED_AFTER_REFRESH : undefined
    }
  }

  /** Notes that the provider rejected a credential that cannot be refreshed. */
  async noteRefusal(connection: Connection, refused: ConnectionRecord): Promise<void> {
    if (this.#fixed !== undefined || refused === ANONYMOUS || this.renewal.canRenew(refused)) return
    await this.rotation.refused(connection, refused)
  }

  async #find(connection: Connection): Promise<ConnectionRecord> {
    const row = await this.#read(connection.storeKey)
    const isMissing = row === undefined || row.record.left?.includes(this.serverId) === true
    const isOptional = this.auth.flow?.optional === true
    if (isOptional && (isMissing || row.record.state === 'pending')) return this.#anonymous(connection)
    if (isMissing) return this.#missing(connection)
    const { record } = row
    if (isOutOfUse(record)) throw unusableConnection(record)
    const isStatic = record.grant === undefined && this.auth.flow?.renewal !== 'obtain'
    if (isStatic || this.rows.cached(connection.storeKey) !== undefined || !this.renewal.canRenew(record)) return record
    // A refresh is running in this process: other calls use the current token while it is valid.
    const now = this.clock.now()
    const waits = this.renewal.isRunning(connection) && record.grant !== undefined && isValid(record.grant, now)
    if (waits && record.state !== 'needs_reauth') return record
    try {
      return await this.renewal.renew(connection, { kind: 'expiring' })
    } catch (error) {
      const isUsable = record.grant !== undefined && isValid(record.grant, now) && record.state !== 'needs_reauth'
      // The store is down or this library failed: no reason to stop using a token that works.
      if (isUsable && isStoreFailure(error)) return record
      throw error
    }
  }

  async #read(storeKey: string): Promise<Row | undefined> {
    const row = await this.rows.readFresh(storeKey)
    const { appCredential } = this.context.composed.connector
    if (appCredential === undefined) return row
    if (row !== undefined) return { ...row, record: { ...row.record, credential: appCredential } }
    return { record: { credential: appCredential, grant: enteredGrant(appCredential) }, version: null }
  }

  /** Sends requests unauthenticated. The service decides whether that is allowed. */
  async #anonymous(connection: Connection): Promise<ConnectionRecord> {
    if ((await this.names(connection.tenant ?? '')).length > 0) return this.#missing(connection)
    return this.rows.cacheAbsent(connection.storeKey, ANONYMOUS)
  }

  async #missing(connection: Connection): Promise<never> {
    throw missingConnection(connection, await this.names(connection.tenant ?? ''))
  }
}

/** Returns the group of the connectors of a family that are composed with the same app. */
export const familyGroup = (family: string, clientId: string): string => `~${family}:${clientId}`

/** Returns whether there is a connection. One that cannot be read counts. */
function isThere(stored: StoredConnection): boolean {
  try {
    return stored.record().state !== 'pending'
  } catch {
    return true
  }
}
