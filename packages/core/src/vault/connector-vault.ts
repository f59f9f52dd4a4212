import type { RefreshedGrant } from '../auth/grant-flow.ts'
import { refreshesAppCredential } from '../connector/connector.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Connection } from '../identity/connection.ts'
import { connectionAt } from '../ports/credential-source.ts'
import type { Signer } from '../ports/credential-source.ts'
import { isStoreFailure } from '../ports/store-failure.ts'
import { isSameCredential, secretsOf } from './connection-record.ts'
import type { ConnectionRecord } from './connection-record.ts'
import type { ConnectorVaultContext } from './connector-vault-context.ts'
import { REFUSED_AFTER_REFRESH } from './credential-refusal.ts'
import { CredentialRotation } from './credential-rotation.ts'
import { missingConnection } from './missing-connection.ts'
import { ProviderGrants } from './provider-grants.ts'
import { storedRegistrations } from './registrations.ts'
import { withAssumedLife } from './renewal/assumed-life.ts'
import { isRefusedFresh, isValid, mayBeStale, renewAt } from './renewal/refresh-timing.ts'
import { isOutOfUse, unusable } from './renewal/renewal-world.ts'
import type { RenewalCause, RenewalWorld, Row } from './renewal/renewal-world.ts'
import { Renewals } from './renewal/renewals.ts'
import { grantIn } from './renewal/typed-grant.ts'
import { RevocationMarks } from './revocation-marks.ts'
import { storedConnections } from './stored-connections.ts'
import type { StoredConnection } from './stored-connections.ts'

/** The record used when a tenant has no connection and the service may not need one. */
const ANONYMOUS: ConnectionRecord = { credential: {} }

/** States in which there is a credential to try. */
const usableStates: ReadonlySet<string> = new Set(['active', 'degraded', 'needs_reauth'])

/** The stored credentials of one connector: finds them, refreshes them, and keeps notes on them. */
export class ConnectorVault {
  readonly context: ConnectorVaultContext
  readonly rotation: CredentialRotation
  readonly marks: RevocationMarks
  readonly grants: ProviderGrants
  /** Connectors of a family that are composed with the same app share their connections: their group. */
  readonly group: string
  readonly #renewals: Renewals
  readonly #signers = new WeakMap<ConnectionRecord, Signer>()
  /** The app's own credential, if it never has to be refreshed. */
  readonly #fixed: ConnectionRecord | undefined

  constructor(context: ConnectorVaultContext) {
    const { composed, host, rows, store, warningDays, emit } = context
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
    this.#renewals = new Renewals(host.clock)
    this.rotation = new CredentialRotation({ rows, clock: host.clock, warningDays, emit })
    this.grants = new ProviderGrants(context, storedRegistrations(store, this.group))
    this.marks = new RevocationMarks(store, this.group)
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
    const settingsIn = ({ settings }: ConnectionRecord) => settings?.[this.serverId]
    return record instanceof Promise ? record.then(settingsIn) : settingsIn(record)
  }

  isRefreshing(connection: Connection): boolean {
    return this.#renewals.isRunning(connection.place)
  }

  async isUsable(connection: Connection): Promise<boolean> {
    const record = await this.read(connection)
    return record !== undefined && usableStates.has(record.state ?? 'active') && !record.left?.includes(this.serverId)
  }

  /** Returns what signs with a record: one object for each record, so that a call counts it once. */
  signerOf(record: ConnectionRecord): Signer {
    let signer = this.#signers.get(record)
    if (signer === undefined) {
      const { credential, grant } = record
      signer = {
        sign: (request) => this.auth.sign(request, credential, grant),
        secrets: () => secretsOf(record),
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
    return this.rows.atHand(connection.place)?.record ?? this.#find(connection)
  }

  /** Returns what the store holds, in any state; undefined if there is nothing. */
  async read(connection: Connection): Promise<ConnectionRecord | undefined> {
    if (this.#fixed !== undefined) return this.#fixed
    return (await this.#read(connection.place))?.record
  }

  /**
   * Stores the credential that a user connected with, in place of any other.
   * @returns the record that it replaced
   */
  async store(connection: Connection, record: ConnectionRecord): Promise<ConnectionRecord | undefined> {
    const { flow } = this.auth
    const grant = record.grant && flow ? withAssumedLife(record.grant, flow.refresh) : record.grant
    let replaced: ConnectionRecord | undefined
    await this.rows.update(connection.place, (before) => {
      replaced = before
      const left = before?.left?.filter((serverId) => serverId !== this.serverId) ?? []
      return { ...record, grant, generation: (before?.generation ?? 0) + 1, ...(left.length > 0 && { left }) }
    })
    this.#renewals.forget(connection.place)
    return replaced
  }

  async remove(connection: Connection): Promise<boolean> {
    this.#renewals.forget(connection.place)
    return this.rows.remove(connection.place)
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
    const row = await this.#read(connection.place)
    if (row === undefined) return undefined
    const { record } = row
    if (isOutOfUse(record)) throw unusable(record)
    if (record.grant?.accessToken !== refused.grant?.accessToken) return this.#find(connection)
    if (!isSameCredential(record, refused)) return record
    if (record.grant === undefined || !this.canRenew(record)) return undefined
    try {
      return (await this.#renew(connection, { kind: 'refused', accessToken: record.grant.accessToken })).record
    } catch (error) {
      if (!ConnectorError.is(error) || error.details.reason !== 'fresh_token_refused') throw error
      return isRefusedFresh(record, this.clock.now()) ? REFUSED_AFTER_REFRESH : undefined
    }
  }

  /** Notes that the provider rejected a credential that cannot be refreshed. */
  async noteRefusal(connection: Connection, refused: ConnectionRecord): Promise<void> {
    if (this.#fixed !== undefined || refused === ANONYMOUS || this.canRenew(refused)) return
    await this.rotation.refused(connection, refused)
  }

  /** Returns whether the grant can be refreshed without a user. */
  canRenew({ grant }: ConnectionRecord): boolean {
    const { flow } = this.auth
    if (flow === undefined) return false
    if (flow.renewal === 'obtain') return true
    // Without an app, the server would reject the app and not the token.
    if (this.context.composed.connector.app === undefined) return false
    return flow.renewal === 'access_token' || grant?.refreshToken !== undefined
  }

  /** Refreshes a grant before it has to be, so that it does not expire unused. */
  async renewNow(connection: Connection, record: ConnectionRecord): Promise<boolean> {
    const { grant } = record
    if (grant === undefined || !this.canRenew(record)) return false
    const now = this.clock.now()
    const isDue = now >= renewAt(grant, connection.place)
    // A grant that is fresh from the server would not be replaced.
    if (!isDue && !mayBeStale(grant, now)) return false
    const cause: RenewalCause = isDue ? { kind: 'expiring' } : { kind: 'refused', accessToken: grant.accessToken }
    const renewed = await this.#renew(connection, cause)
    return renewed.record.grant?.accessToken !== grant.accessToken
  }

  async #find(connection: Connection): Promise<ConnectionRecord> {
    const row = await this.#read(connection.place)
    const isMissing = row === undefined || row.record.left?.includes(this.serverId) === true
    const isOptional = this.auth.flow?.optional === true
    if (isOptional && (isMissing || row.record.state === 'pending')) return this.#anonymous(connection)
    if (isMissing) return this.#missing(connection)
    const { record } = row
    if (isOutOfUse(record)) throw unusable(record)
    const isStatic = record.grant === undefined && this.auth.flow?.renewal !== 'obtain'
    if (isStatic || this.rows.atHand(connection.place) !== undefined || !this.canRenew(record)) return record
    // A refresh is running in this process: other calls use the current token while it is valid.
    const now = this.clock.now()
    const waits = this.isRefreshing(connection) && record.grant !== undefined && isValid(record.grant, now)
    if (waits && record.state !== 'needs_reauth') return record
    try {
      return (await this.#renew(connection, { kind: 'expiring' })).record
    } catch (error) {
      const isUsable = record.grant !== undefined && isValid(record.grant, now) && record.state !== 'needs_reauth'
      // The store is down or this library failed: no reason to stop using a token that works.
      if (isUsable && isStoreFailure(error)) return record
      throw error
    }
  }

  #renew(connection: Connection, cause: RenewalCause): Promise<Row> {
    return this.#renewals.renew(connection.place, cause, () => this.#renewalWorld(connection))
  }

  async #renewalWorld(connection: Connection): Promise<RenewalWorld> {
    const { host, timing, owner, emit } = this.context
    const { place } = connection
    const { flow } = this.auth
    if (flow === undefined) throw new TypeError('A strategy without grants has nothing to refresh.')
    const protocol = await flow.load()
    let verify: RefreshedGrant['verify'] | undefined
    return {
      place,
      owner: owner(),
      flow,
      timing,
      clock: host.clock,
      random: host.random,
      read: () => this.#read(place),
      // The credential of the composition does not belong in the store.
      write: (record, ifVersion) =>
        this.rows.write(place, this.isShared ? { ...record, credential: {} } : record, ifVersion),
      spend: async (record, signal) => {
        verify = undefined
        const exchanged = await this.grants.exchange(protocol, record, signal)
        verify = exchanged.verify
        return exchanged.grant
      },
      verify: () => verify,
      discard: async (grant, record) => {
        await this.grants.tryRevoke({ ...record, grant })
      },
      emit: (event, row) => {
        emit({ kind: event }, connection, row.record)
      },
    }
  }

  async #read(place: string): Promise<Row | undefined> {
    const row = await this.rows.readAfresh(place)
    const { appCredential } = this.context.composed.connector
    if (appCredential === undefined) return row
    if (row !== undefined) return { ...row, record: { ...row.record, credential: appCredential } }
    return { record: { credential: appCredential, grant: grantIn(appCredential) }, version: null }
  }

  /** Sends requests unauthenticated. The service decides whether that is allowed. */
  async #anonymous(connection: Connection): Promise<ConnectionRecord> {
    if ((await this.names(connection.tenant ?? '')).length > 0) return this.#missing(connection)
    return this.rows.suppose(connection.place, ANONYMOUS)
  }

  async #missing(connection: Connection): Promise<never> {
    throw missingConnection(connection, await this.names(connection.tenant ?? ''))
  }
}

/** The group of the connectors of a family that are composed with the same app. */
export const familyGroup = (family: string, clientId: string): string => `~${family}:${clientId}`

/** A connection that cannot be read is there as well. */
function isThere(stored: StoredConnection): boolean {
  try {
    return stored.record().state !== 'pending'
  } catch {
    return true
  }
}
