import type { AuthorizationRequest, DeviceStart, GrantFlow, GrantProtocol } from '../auth/grant-flow.ts'
import type { Grant } from '../auth/grant.ts'
import type { Connection } from '../identity/connection.ts'
import type { ConsentOptions } from '../ports/accounts.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { isProtocolScope } from '../auth/scope-coverage.ts'
import { sleep } from '../ports/clock.ts'
import type { ConnectionRecord } from './connection-record.ts'
import { AUTHORIZATION_MS, newState, refusedCallback, savePending } from './pending-authorization.ts'
import type { PendingAuthorization } from './pending-authorization.ts'
import type { ConnectorVault } from './connector-vault.ts'
import { RevocationMarks } from './revocation-marks.ts'
import { ProviderGrants } from './provider-grants.ts'

/** A URL for the same scopes is returned again for this long, so that a failing loop does not fill the store. */
const SAME_URL_MS = AUTHORIZATION_MS / 2
const MAX_URLS = 1000
/** The time that RFC 8628 (3.5) adds on `slow_down`. */
const SLOW_DOWN_MS = 5000

const isTransient = (error: unknown): boolean =>
  ConnectorError.is(error) && error.type !== 'authentication' && error.retryable

/** Asks a user for consent: makes the authorization URL, and turns the callback into a grant. */
export class Consent {
  readonly #vault: ConnectorVault
  readonly #flow: GrantFlow
  readonly #grants: ProviderGrants
  readonly #given = new Map<string, { readonly url: string; readonly until: number }>()

  constructor(vault: ConnectorVault, flow: GrantFlow) {
    this.#vault = vault
    this.#flow = flow
    this.#grants = new ProviderGrants(vault)
  }

  get #app() {
    return this.#vault.context.composed.connector.app
  }

  /** The default redirect URI; `connect` can pass another one. */
  get #redirectUri(): string | undefined {
    const own = this.#app?.['redirectUri']
    return typeof own === 'string' ? own : this.#vault.context.redirectUri
  }

  /**
   * @param user who starts it, if the principal names one; no other user can complete it
   * @throws ConnectorError CONFIGURATION_ERROR if the composition lacks what the strategy needs
   */
  async begin(
    connection: Connection,
    options: ConsentOptions,
    user: string | undefined,
  ): Promise<{ readonly url: string; readonly expiresAt: number }> {
    const vault = this.#vault
    const { clock, serverId } = vault
    const store = vault.context.state
    const { authorize } = await this.#protocol()
    const template = options.redirectUri ?? this.#redirectUri
    // A redirect URI of its own for each connector distinguishes the callbacks of servers (RFC 9700, section 4.4.2).
    const redirectUri = template?.replaceAll('{serverId}', serverId)
    if (authorize === undefined || redirectUri === undefined) {
      throw new ConnectorError('CONFIGURATION_ERROR', `${serverId} has no redirectUri.`, {
        serverId,
        hint: 'Pass redirectUri to vault() or to connect(): the URL of your callback route, as registered with the provider.',
      })
    }
    const marks = await new RevocationMarks(vault).seen(connection)
    const record = await vault.read(connection)
    const state = newState()
    const scopes = this.#scopes(record, options.scopes)
    const { loginHint, challenge } = options
    const ask: AuthorizationRequest = { redirectUri, state, scopes, loginHint, challenge, widens: record?.grant }
    const started = { credential: {}, ...record, ...this.#settings(record, options) }
    const context = this.#grants.contextOf(started, undefined)
    const { url, pending } = await this.#grants.withRedactedErrors(started, () => authorize(context, ask))
    const expiresAt = clock.now() + AUTHORIZATION_MS
    await savePending(store, state, {
      serverId,
      tenant: connection.tenant ?? '',
      user,
      connection: connection.name,
      redirectUri,
      scopes,
      settings: options.settings,
      flow: pending,
      marks,
      expiresAt,
    })
    // The row expires if the user never comes back. An existing row stays.
    if (record === undefined) {
      await vault.rows.write(connection.storeKey, { credential: {}, state: 'pending' }, null, AUTHORIZATION_MS)
    }
    return { url, expiresAt }
  }

  /** Returns the URL at which a user can grant `scopes`; undefined if there is none. */
  async urlFor(
    connection: Connection,
    scopes: readonly string[],
    user: string | undefined,
  ): Promise<string | undefined> {
    const now = this.#vault.clock.now()
    const want = JSON.stringify([connection.storeKey, user, ...scopes])
    const given = this.#given.get(want)
    if (given !== undefined && now < given.until) return given.url
    if (!this.#flow.interactive || this.#redirectUri === undefined) return undefined
    const { url } = await this.begin(connection, { scopes }, user)
    if (this.#given.size >= MAX_URLS) this.#given.clear()
    this.#given.set(want, { url, until: now + SAME_URL_MS })
    return url
  }

  /** Turns the callback into a record, which is not stored yet. `pending` has been taken, so this happens once. */
  async complete(
    connection: Connection,
    pending: PendingAuthorization,
    callback: URL,
    /** Settings that the callback brings along. */
    brought?: object,
  ): Promise<ConnectionRecord> {
    const vault = this.#vault
    const { redeem } = await this.#protocol()
    if (redeem === undefined) throw new TypeError('The strategy cannot complete an authorization.')
    const record = await vault.read(connection)
    const known = pending.settings ?? record?.settings?.[this.#vault.serverId]
    const settings = brought === undefined ? pending.settings : { ...known, ...brought }
    const started = { credential: {}, ...record, ...this.#settings(record, { settings }) }
    const { redirectUri, scopes } = pending
    const state = callback.searchParams.get('state') ?? ''
    const context = this.#grants.contextOf(started, undefined)
    const ask = { redirectUri, state, scopes }
    const grant = await this.#grants.withRedactedErrors(started, () => redeem(context, pending.flow, ask, callback))
    return this.#granted(started, grant)
  }

  /** Starts the device flow (RFC 8628). Returns what to show, and a function that waits for the user. */
  async beginDevice(
    connection: Connection,
    options: ConsentOptions,
  ): Promise<DeviceStart & { decided(signal: AbortSignal | undefined): Promise<ConnectionRecord> }> {
    const vault = this.#vault
    const { clock, serverId } = vault
    const { authorizeDevice, redeemDevice } = await this.#protocol()
    const record = await vault.read(connection)
    const started = { credential: {}, ...record, ...this.#settings(record, options) }
    if (authorizeDevice === undefined || redeemDevice === undefined) {
      throw new ConnectorError('TOOL_NOT_SUPPORTED', `${serverId} has no device flow.`, {
        serverId,
        hint: 'Use connect() with a redirectUri.',
      })
    }
    const ask = { scopes: this.#scopes(record, options.scopes) }
    const context = this.#grants.contextOf(started, undefined)
    const start = await this.#grants.withRedactedErrors(started, () => authorizeDevice(context, ask))
    const endsAt = clock.monotonic() + start.expiresInMs
    return {
      ...start,
      decided: async (signal) => {
        let intervalMs = start.intervalMs
        for (;;) {
          await sleep(clock, intervalMs, signal)
          if (clock.monotonic() >= endsAt) throw refusedCallback('code_expired', 'the user took too long')
          const asking = this.#grants.withRedactedErrors(started, () =>
            redeemDevice({ ...context, signal }, start.pending),
          )
          const response = await asking.catch((error: unknown) => {
            // A temporary failure must not cost the user's consent (RFC 8628, section 3.5).
            if (signal?.aborted === true || !isTransient(error) || clock.monotonic() >= endsAt) throw error
            intervalMs *= 2
            return { pending: true, slowDown: false } as const
          })
          if ('grant' in response) return this.#granted(started, response.grant)
          if (response.slowDown) intervalMs += SLOW_DOWN_MS
        }
      },
    }
  }

  async #protocol(): Promise<GrantProtocol> {
    const { serverId } = this.#vault
    const flow = this.#flow
    if (this.#app !== undefined) return flow.load()
    const names = Object.entries(flow.appFields).flatMap(([name, { optional }]) => (optional ? [] : [name]))
    throw new ConnectorError('CONFIGURATION_ERROR', `${serverId} was composed without an app at the provider.`, {
      serverId,
      hint: `Register one with the provider, and pass ${names.join(' and ')} to the connector in createMcpClient.`,
    })
  }

  #scopes(record: ConnectionRecord | undefined, asked: readonly string[] | undefined): readonly string[] {
    const app = this.#app
    const flow = this.#flow
    const usual = Array.isArray(app?.['scopes']) ? (app['scopes'] as string[]) : flow.scopes
    const had = flow.incrementalConsent ? [] : (record?.grant?.scopes ?? [])
    // Servers do not list them as granted, and without them a wider grant could not be refreshed.
    const protocol = usual.filter(isProtocolScope)
    return [...new Set([...had, ...(asked ?? usual), ...protocol])]
  }

  #settings(record: ConnectionRecord | undefined, { settings }: { readonly settings?: object | undefined }) {
    return settings && { settings: { ...record?.settings, [this.#vault.serverId]: settings } }
  }

  #granted(started: ConnectionRecord, grant: Grant): ConnectionRecord {
    const { settings } = started
    const connectedAt = new Date(this.#vault.clock.now()).toISOString()
    return { credential: {}, grant, account: grant.account, settings, connectedAt }
  }
}
