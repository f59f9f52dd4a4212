import type { FlowContext, RefreshedGrant, Registrations } from '../auth/grant-flow.ts'
import type { Grant } from '../auth/grant.ts'
import type { Connection } from '../identity/connection.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { storeKey } from '../ports/store.ts'
import { untilAborted } from '../ports/until-aborted.ts'
import { withAssumedLife } from './renewal/assumed-life.ts'
import type { ConnectionRows } from './connection-rows.ts'
import { isSameCredential, secretsOf } from './connection-record.ts'
import type { ConnectionRecord } from './connection-record.ts'
import type { CredentialGuard } from './credential-guard.ts'
import { storedRegistrations } from './registrations.ts'
import { isRefusedFresh, isValid, mayBeStale, renewAt } from './renewal/refresh-timing.ts'
import { RefusalNotes } from './refusal-notes.ts'
import { missingConnection } from './missing-connection.ts'
import { Renewals } from './renewal/renewals.ts'
import { grantIn } from './renewal/typed-grant.ts'
import { withoutSecrets } from '../redaction/without-secrets.ts'
import { isOutOfUse, unusable } from './renewal/renewal-world.ts'
import type { RenewalCause, RenewalWorld, Row } from './renewal/renewal-world.ts'
import { RevocationMarks } from './revocation-marks.ts'
import { isStoreFailure } from '../ports/store-failure.ts'
import { storedConnections } from './stored-connections.ts'
import type { StoredConnection } from './stored-connections.ts'
import { Succession } from './succession.ts'
import type { VaultOptions } from './vault-options.ts'

/** The reason of a call that was refused with 401 although its token is fresh. */
export const REFUSED_AFTER_REFRESH = 'refused_after_refresh'

/** The app's own credential has this name, and no tenant. */
export const APP_CONNECTION = 'app'

/** For so long the provider may take to end a grant. */
const ENDING_MS = 15_000

/** Who has not connected to a service that may be open to everybody. */
const NOBODY: ConnectionRecord = { credential: {} }

/**
 * The credentials of one connector: finds them, keeps them alive, gives them up. It decides when; the strategy's
 * protocol knows how.
 */
export class Vault {
  readonly rows: ConnectionRows
  readonly guard: CredentialGuard
  readonly succession: Succession
  readonly marks: RevocationMarks
  readonly #notes: RefusalNotes
  readonly #options: VaultOptions
  /** The app's own credential where there is nothing to keep alive. */
  readonly #fixed: ConnectionRecord | undefined
  readonly #registrations: Registrations
  readonly #renewals: Renewals
  /** Credentials that `connect` is trying out, by the connection object that tries them. */
  readonly #proposed = new WeakMap<Connection, ConnectionRecord>()
  /** What connectors share: a family's grant lies under its own name. */
  readonly #group: string

  constructor(options: VaultOptions) {
    const { rows, appCredential, auth, app, serverId, clock, warningDays, tell } = options
    this.rows = rows
    this.guard = options.guard
    this.#renewals = new Renewals(clock)
    this.succession = new Succession({ rows, clock, warningDays, tell })
    this.#notes = new RefusalNotes({ rows, clock, tell })
    this.#options = options
    const renews =
      auth.flow?.renewal === 'obtain' || (app !== undefined && appCredential?.['refreshToken'] !== undefined)
    this.#fixed = appCredential && !renews ? { credential: appCredential } : undefined
    const family = auth.flow?.family
    const clientId = app?.['clientId']
    this.#group = family !== undefined && typeof clientId === 'string' ? familyGroup(family, clientId) : serverId
    this.#registrations = storedRegistrations(options.store, this.#group)
    this.marks = new RevocationMarks(options.store, this.#group)
  }

  get holdsForTheApp(): boolean {
    return this.#options.appCredential !== undefined
  }

  /** The family that shares its grants, or the connector alone. */
  get group(): string {
    return this.#group
  }

  /** Where a connection lies in the store. */
  placeOf({ tenant, name }: Pick<Connection, 'tenant' | 'name'>): string {
    return storeKey('connection', this.#group, tenant ?? '', name)
  }

  /**
   * The record of a connection, its grant fit for use; not a promise where it is at hand.
   * @throws ConnectorError MCP_AUTHENTICATION_FAILURE if the tenant has not connected, or has to connect again
   */
  find(connection: Connection): ConnectionRecord | Promise<ConnectionRecord> {
    if (this.#fixed !== undefined) return this.#fixed
    return this.rows.atHand(connection.place)?.record ?? this.#proposed.get(connection) ?? this.#find(connection)
  }

  /** What the store holds, whatever state it is in; undefined if there is nothing. */
  async look(connection: Connection): Promise<ConnectionRecord | undefined> {
    if (this.#fixed !== undefined) return this.#fixed
    return (await this.#read(connection.place))?.record
  }

  /**
   * The same connection under an identity of its own, which uses a record that is not stored yet: so the calls of a working
   * connection do not use it before it is proved.
   */
  propose(connection: Connection, record: ConnectionRecord): Connection {
    const candidate = { ...connection, place: `${connection.place}#candidate` }
    this.#proposed.set(candidate, record)
    return candidate
  }

  /**
   * Puts a credential that a person has brought in the place of whatever there is.
   * @returns what it replaced
   */
  async keep(connection: Connection, record: ConnectionRecord): Promise<ConnectionRecord | undefined> {
    const { flow } = this.#options.auth
    const grant = record.grant && flow ? withAssumedLife(record.grant, flow.refresh) : record.grant
    let replaced: ConnectionRecord | undefined
    await this.rows.update(connection.place, (before) => {
      replaced = before
      const left = before?.left?.filter((serverId) => serverId !== this.#options.serverId) ?? []
      return { ...record, grant, generation: (before?.generation ?? 0) + 1, ...(left.length > 0 && { left }) }
    })
    this.#renewals.forget(connection.place)
    return replaced
  }

  /** Whether this process is refreshing the grant of `connection`. */
  isRefreshing(connection: Connection): boolean {
    return this.#renewals.isRunning(connection.place)
  }

  /** Whether `connection` was made to try a credential that is not kept yet. */
  isProposed(connection: Connection): boolean {
    return this.#proposed.has(connection)
  }

  async remove(connection: Connection): Promise<boolean> {
    this.#renewals.forget(connection.place)
    return this.rows.remove(connection.place)
  }

  /** The names of a tenant's connections. */
  async names(tenant: string): Promise<readonly string[]> {
    const names: string[] = []
    for await (const page of storedConnections(this.#options.store, this.#group, tenant)) {
      names.push(...page.filter(isThere).map(({ name }) => name))
    }
    return names
  }

  /**
   * What to try after the provider refused `refused`: a credential that another worker has put there, or the grant
   * renewed. Undefined: nothing better is to be had. `refused_after_refresh`: a fresh token was refused as well, so the token
   * is not the reason.
   */
  async afterRefusal(
    connection: Connection,
    refused: ConnectionRecord,
  ): Promise<ConnectionRecord | 'refused_after_refresh' | undefined> {
    if (this.#fixed !== undefined || this.#proposed.has(connection)) return undefined
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
      return isRefusedFresh(record, this.#options.clock.now()) ? REFUSED_AFTER_REFRESH : undefined
    }
  }

  /** Notes that the provider refused a credential that cannot be renewed. */
  async noteRefusal(connection: Connection, refused: ConnectionRecord): Promise<void> {
    if (this.#fixed !== undefined || this.#proposed.has(connection) || this.canRenew(refused)) return
    if (refused === NOBODY) return
    await this.#notes.refused(connection, refused)
  }

  /** Notes that the provider refused a token that had just been refreshed because of a refusal. */
  noteRefusedFresh(connection: Connection, refused: ConnectionRecord): Promise<void> {
    return this.#notes.refusedFresh(connection, refused)
  }

  /** Notes that a credential works that had been refused. */
  noteSuccess(connection: Connection, proved: ConnectionRecord): Promise<void> {
    return this.#notes.worked(connection, proved)
  }

  /** Whether the grant can be renewed without a person. */
  canRenew({ grant }: ConnectionRecord): boolean {
    const { auth, app } = this.#options
    const { flow } = auth
    if (flow === undefined) return false
    if (flow.renewal === 'obtain') return true
    // A token that was pasted where no app is registered: the server would refuse the app, not the token.
    if (app === undefined) return false
    return flow.renewal === 'access_token' || grant?.refreshToken !== undefined
  }

  /** What a protocol gets to work with. */
  context(record: Pick<ConnectionRecord, 'credential' | 'settings'>, signal: AbortSignal | undefined): FlowContext {
    const { app, appCredential, settings, serverId, transport, clock, logger, documents, allowPrivateHosts } =
      this.#options
    return {
      app: app ?? {},
      fields: { ...appCredential, ...record.credential },
      settings: { ...settings, ...record.settings?.[serverId] },
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

  /** Runs one conversation of the protocol, with every secret kept out of its failures. */
  async converse<Answer>(record: ConnectionRecord, conversation: () => Promise<Answer>): Promise<Answer> {
    try {
      return await conversation()
    } catch (error) {
      const { app } = this.#options
      throw withoutSecrets(error, [...secretsOf(record), ...secretsIn(app ?? {})])
    }
  }

  /** Ends the grant at the provider, as far as the provider lets us. False: it has no way, or did not answer well. */
  async revoke(record: ConnectionRecord): Promise<boolean> {
    try {
      return await this.endGrant(record)
    } catch {
      return false
    }
  }

  /** The same, and rejects with why it did not work. False: there is no way to end it there. */
  async endGrant(record: ConnectionRecord, limitMs = ENDING_MS): Promise<boolean> {
    const { auth, clock } = this.#options
    const { grant } = record
    const protocol = grant && (await auth.flow?.load())
    if (grant === undefined || protocol?.revoke === undefined) return false
    const timer = new AbortController()
    const cancel = clock.schedule(limitMs, () => {
      timer.abort(new ConnectorError('TIMEOUT', 'The provider did not answer in time.'))
    })
    try {
      const ending = this.converse(record, async () => protocol.revoke?.(this.context(record, timer.signal), grant))
      await untilAborted(ending, timer.signal)
      return true
    } finally {
      cancel()
    }
  }

  /** Renews a grant before it has to be, so that it does not end for want of use. */
  async renewNow(connection: Connection, record: ConnectionRecord): Promise<boolean> {
    const { grant } = record
    if (grant === undefined || !this.canRenew(record)) return false
    const now = this.#options.clock.now()
    const isDue = now >= renewAt(grant, connection.place)
    // Fresh from the server, it would be refused another one.
    if (!isDue && !mayBeStale(grant, now)) return false
    const cause: RenewalCause = isDue ? { kind: 'expiring' } : { kind: 'refused', accessToken: grant.accessToken }
    const renewed = await this.#renew(connection, cause)
    return renewed.record.grant?.accessToken !== grant.accessToken
  }

  async #find(connection: Connection): Promise<ConnectionRecord> {
    const row = await this.#read(connection.place)
    const isMissing = row === undefined || row.record.left?.includes(this.#options.serverId) === true
    const isOptional = this.#options.auth.flow?.optional === true
    if (isOptional && (isMissing || row.record.state === 'pending')) return this.#nobody(connection)
    if (isMissing) return this.#missing(connection)
    const { record } = row
    if (isOutOfUse(record)) throw unusable(record)
    const idle = record.grant === undefined && this.#options.auth.flow?.renewal !== 'obtain'
    if (idle || this.rows.atHand(connection.place) !== undefined || !this.canRenew(record)) return record
    // Somebody in this process is at it: the others go on with a token that is still good.
    const now = this.#options.clock.now()
    const waits = this.#renewals.isRunning(connection.place) && record.grant !== undefined && isValid(record.grant, now)
    if (waits && record.state !== 'needs_reauth') return record
    try {
      return (await this.#renew(connection, { kind: 'expiring' })).record
    } catch (error) {
      const usable = record.grant !== undefined && isValid(record.grant, now) && record.state !== 'needs_reauth'
      // The store is down, or something in here is broken: no reason to stop using a token that works.
      if (usable && isStoreFailure(error)) return record
      throw error
    }
  }

  #renew(connection: Connection, cause: RenewalCause): Promise<Row> {
    return this.#renewals.renew(connection.place, cause, () => this.#world(connection))
  }

  async #world(connection: Connection): Promise<RenewalWorld> {
    const { auth, timing, clock, random, owner, tell, appCredential } = this.#options
    const { place } = connection
    const { flow } = auth
    if (flow === undefined) throw new TypeError('A strategy without grants has nothing to renew.')
    const protocol = await flow.load()
    let verify: RefreshedGrant['verify'] | undefined
    return {
      place,
      owner: owner(),
      flow,
      timing,
      clock,
      random,
      read: () => this.#read(place),
      write: (record, ifVersion) =>
        // What the composition gave is not the store's business.
        this.rows.write(place, appCredential ? { ...record, credential: {} } : record, ifVersion),
      spend: async (record, signal) => {
        verify = undefined
        const brought = await this.converse<Grant | RefreshedGrant>(record, () => {
          const context = this.context(record, signal)
          if (record.grant !== undefined && flow.renewal !== 'obtain') return protocol.refresh(context, record.grant)
          if (protocol.obtain === undefined) throw new TypeError('The strategy cannot obtain a grant.')
          return protocol.obtain(context, { scopes: flow.scopes })
        })
        if (!('grant' in brought)) return withAssumedLife(brought, flow.refresh)
        verify = (stop) => this.converse({ ...record, grant: brought.grant }, () => brought.verify(stop))
        return withAssumedLife(brought.grant, flow.refresh)
      },
      verify: () => verify,
      discard: async (grant, record) => {
        await this.revoke({ ...record, grant })
      },
      tell: (news, row) => {
        tell({ kind: news }, connection, row.record)
      },
    }
  }

  async #read(place: string): Promise<Row | undefined> {
    const row = await this.rows.readAfresh(place)
    const { appCredential } = this.#options
    if (appCredential === undefined) return row
    if (row !== undefined) return { ...row, record: { ...row.record, credential: appCredential } }
    return { record: { credential: appCredential, grant: grantIn(appCredential) }, version: null }
  }

  /** Goes on without a credential; the service says whether it wants one. */
  async #nobody(connection: Connection): Promise<ConnectionRecord> {
    if ((await this.names(connection.tenant ?? '')).length > 0) return this.#missing(connection)
    return this.rows.suppose(connection.place, NOBODY)
  }

  async #missing(connection: Connection): Promise<never> {
    throw missingConnection(connection, await this.names(connection.tenant ?? ''))
  }
}

const secretsIn = (values: object): readonly string[] =>
  Object.values(values).flatMap((value: unknown) =>
    typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? secretsIn(value) : [],
  )

/** Where the connections of a family lie: connectors that were composed with the same app share them. */
export const familyGroup = (family: string, clientId: string): string => `~${family}:${clientId}`

/** A connection that cannot be read is there as well. */
function isThere(stored: StoredConnection): boolean {
  try {
    return stored.record().state !== 'pending'
  } catch {
    return true
  }
}
