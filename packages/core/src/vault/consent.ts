import type { AuthorizationAsk, DeviceStart, GrantFlow, GrantProtocol } from '../auth/grant-flow.ts'
import type { Grant } from '../auth/grant.ts'
import type { Connection } from '../identity/connection.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Clock } from '../ports/clock.ts'
import { isProtocolScope } from '../auth/scope-coverage.ts'
import { sleep } from '../ports/clock.ts'
import type { Store } from '../ports/store.ts'
import type { ConnectionRecord } from './connection-record.ts'
import { AUTHORIZATION_MS, newState, refusedCallback, savePending } from './pending-authorization.ts'
import type { PendingAuthorization } from './pending-authorization.ts'
import type { Vault } from './vault.ts'

/** What a host may say about the consent that it asks for. */
export interface ConsentOptions {
  /** Where the provider sends the user back to; `{serverId}` stands for the connector's id. @default the composition's */
  readonly redirectUri?: string | undefined
  /** Scopes to ask for, besides those granted already; those of the connector unless given. */
  readonly scopes?: readonly string[] | undefined
  /** Whom the provider should suggest to sign in as: usually an e-mail address. */
  readonly loginHint?: string | undefined
  readonly settings?: object | undefined
  /** The `WWW-Authenticate` header of the refusal that made this necessary. */
  readonly challenge?: string | undefined
}

export interface ConsentOptionsOfConnector {
  readonly vault: Vault
  readonly flow: GrantFlow
  readonly app: Readonly<Record<string, unknown>> | undefined
  readonly redirectUri: string | undefined
  readonly state: Store
  readonly clock: Clock
  readonly serverId: string
}

/** A URL for the same want is given again for this long, so that a failing loop does not fill the store. */
const SAME_URL_MS = AUTHORIZATION_MS / 2
const MOST_URLS = 1000
/** Seconds that RFC 8628 (3.5) adds on `slow_down`. */
const SLOW_DOWN_MS = 5000

const isTransient = (error: unknown): boolean =>
  ConnectorError.is(error) && error.type !== 'authentication' && error.retryable

/** Gets a person to agree: makes the URL to send them to, and turns what they come back with into a grant. */
export class Consent {
  readonly #options: ConsentOptionsOfConnector
  readonly #given = new Map<string, { readonly url: string; readonly until: number }>()

  constructor(options: ConsentOptionsOfConnector) {
    this.#options = options
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
    const { vault, clock, serverId, state: store } = this.#options
    const { authorize } = await this.#protocol()
    const template = options.redirectUri ?? this.#options.redirectUri
    // A redirect URI of its own for each connector tells callbacks of different servers apart (RFC 9700, section 4.4.2).
    const redirectUri = template?.replaceAll('{serverId}', serverId)
    if (authorize === undefined || redirectUri === undefined) {
      throw new ConnectorError('CONFIGURATION_ERROR', `${serverId} does not know where to send people back to.`, {
        serverId,
        hint: 'Pass redirectUri to createMcpClient or to connect(): an address of yours, as registered with the provider.',
      })
    }
    const marks = await vault.marks.seen(connection)
    const record = await vault.look(connection)
    const state = newState()
    const scopes = this.#scopes(record, options.scopes)
    const { loginHint, challenge } = options
    const ask: AuthorizationAsk = { redirectUri, state, scopes, loginHint, challenge, widens: record?.grant }
    const started = { credential: {}, ...record, ...this.#settings(record, options) }
    const context = vault.context(started, undefined)
    const { url, pending } = await vault.converse(started, () => authorize(context, ask))
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
    // Somebody is on the way. It is forgotten if they never come; whatever is there already stays.
    if (record === undefined) {
      await vault.rows.write(connection.place, { credential: {}, state: 'pending' }, null, AUTHORIZATION_MS)
    }
    return { url, expiresAt }
  }

  /** The URL at which a person can add `scopes`; undefined where it cannot be known. */
  async urlFor(
    connection: Connection,
    scopes: readonly string[],
    user: string | undefined,
  ): Promise<string | undefined> {
    const now = this.#options.clock.now()
    const want = JSON.stringify([connection.place, user, ...scopes])
    const given = this.#given.get(want)
    if (given !== undefined && now < given.until) return given.url
    if (!this.#options.flow.interactive || this.#options.redirectUri === undefined) return undefined
    const { url } = await this.begin(connection, { scopes }, user)
    if (this.#given.size >= MOST_URLS) this.#given.clear()
    this.#given.set(want, { url, until: now + SAME_URL_MS })
    return url
  }

  /** Turns the callback into a record, which is not kept yet. `pending` has been taken, so this happens once. */
  async complete(
    connection: Connection,
    pending: PendingAuthorization,
    callback: URL,
    /** Settings that the callback brings along. */
    brought?: object,
  ): Promise<ConnectionRecord> {
    const { vault } = this.#options
    const { redeem } = await this.#protocol()
    if (redeem === undefined) throw new TypeError('The strategy began what it cannot complete.')
    const record = await vault.look(connection)
    const known = pending.settings ?? record?.settings?.[this.#options.serverId]
    const settings = brought === undefined ? pending.settings : { ...known, ...brought }
    const started = { credential: {}, ...record, ...this.#settings(record, { settings }) }
    const { redirectUri, scopes } = pending
    const state = callback.searchParams.get('state') ?? ''
    const context = vault.context(started, undefined)
    const ask = { redirectUri, state, scopes }
    const grant = await vault.converse(started, () => redeem(context, pending.flow, ask, callback))
    return this.#granted(started, grant)
  }

  /** The device flow (RFC 8628): what to show, and a wait for the person. */
  async beginDevice(
    connection: Connection,
    options: ConsentOptions,
  ): Promise<DeviceStart & { decided(signal: AbortSignal | undefined): Promise<ConnectionRecord> }> {
    const { vault, clock, serverId } = this.#options
    const { authorizeDevice, redeemDevice } = await this.#protocol()
    const record = await vault.look(connection)
    const started = { credential: {}, ...record, ...this.#settings(record, options) }
    if (authorizeDevice === undefined || redeemDevice === undefined) {
      throw new ConnectorError('TOOL_NOT_SUPPORTED', `${serverId} has no device flow.`, {
        serverId,
        hint: 'Use connect() with a redirectUri.',
      })
    }
    const ask = { scopes: this.#scopes(record, options.scopes) }
    const context = vault.context(started, undefined)
    const start = await vault.converse(started, () => authorizeDevice(context, ask))
    const endsAt = clock.monotonic() + start.expiresInMs
    return {
      ...start,
      decided: async (signal) => {
        let intervalMs = start.intervalMs
        for (;;) {
          await sleep(clock, intervalMs, signal)
          if (clock.monotonic() >= endsAt) throw refusedCallback('code_expired', 'the person took too long')
          const asking = vault.converse(started, () => redeemDevice({ ...context, signal }, start.pending))
          const answer = await asking.catch((error: unknown) => {
            // A bad moment of the network must not cost the user's consent (RFC 8628, section 3.5).
            if (signal?.aborted === true || !isTransient(error) || clock.monotonic() >= endsAt) throw error
            intervalMs *= 2
            return { pending: true, slowDown: false } as const
          })
          if ('grant' in answer) return this.#granted(started, answer.grant)
          if (answer.slowDown) intervalMs += SLOW_DOWN_MS
        }
      },
    }
  }

  async #protocol(): Promise<GrantProtocol> {
    const { app, flow, serverId } = this.#options
    if (app !== undefined) return flow.load()
    const names = Object.entries(flow.appFields).flatMap(([name, { optional }]) => (optional ? [] : [name]))
    throw new ConnectorError('CONFIGURATION_ERROR', `${serverId} was composed without an app at the provider.`, {
      serverId,
      hint: `Register one with the provider, and pass ${names.join(' and ')} to the connector in createMcpClient.`,
    })
  }

  #scopes(record: ConnectionRecord | undefined, asked: readonly string[] | undefined): readonly string[] {
    const { flow, app } = this.#options
    const usual = Array.isArray(app?.['scopes']) ? (app['scopes'] as string[]) : flow.scopes
    const had = flow.incrementalConsent ? [] : (record?.grant?.scopes ?? [])
    // Servers do not list them among the granted ones, and without them a wider grant could not be refreshed.
    const protocol = usual.filter(isProtocolScope)
    return [...new Set([...had, ...(asked ?? usual), ...protocol])]
  }

  #settings(record: ConnectionRecord | undefined, { settings }: { readonly settings?: object | undefined }) {
    return settings && { settings: { ...record?.settings, [this.#options.serverId]: settings } }
  }

  #granted(started: ConnectionRecord, grant: Grant): ConnectionRecord {
    const { settings } = started
    const { serverId, clock } = this.#options
    const found = grant.settings && { [serverId]: { ...grant.settings, ...settings?.[serverId] } }
    return {
      credential: {},
      grant,
      account: grant.account,
      settings: found ? { ...settings, ...found } : settings,
      connectedAt: new Date(clock.now()).toISOString(),
    }
  }
}
