import type { FlowContext } from '../auth/grant-flow.ts'
import type { Connector } from '../connector/connector.ts'
import type { Consent, ConsentOptionsOfConnector } from '../vault/consent.ts'
import type { AuditTrail } from '../vault/audit-trail.ts'
import type { ConnectionRecord } from '../vault/connection-record.ts'
import type { ConnectionRows } from '../vault/connection-rows.ts'
import type { CredentialAccess } from '../vault/credential-access.ts'
import { CredentialGuard } from '../vault/credential-guard.ts'
import type { RenewalTiming } from '../vault/renewal/renewal-world.ts'
import { Vault } from '../vault/vault.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { ConnectorContext } from '../pipeline/connector-context.ts'
import { Lifetime } from '../pipeline/lifetime.ts'
import { keySegments } from '../ports/store.ts'
import type { Store } from '../ports/store.ts'
import { CircuitBreaker } from '../resilience/circuit.ts'
import type { CircuitChange } from '../resilience/circuit.ts'
import { announceConnection } from '../vault/announce-connection.ts'
import { assertPublicBaseUrl } from './public-base-url.ts'

/** What all connectors of a client stand on. */
export interface ClientParts extends Pick<
  ConnectorContext,
  'policies' | 'clock' | 'random' | 'logger' | 'transport' | 'emit' | 'shareOf'
> {
  readonly credentials: Store
  readonly state: Store
  readonly rows: ConnectionRows
  readonly documents: FlowContext['documents']
  readonly timing: RenewalTiming
  /** Names this process to the others. */
  readonly owner: () => string
  readonly access: CredentialAccess | undefined
  readonly trail: AuditTrail | undefined
  readonly warningDays: readonly number[]
  readonly redirectUri: string | undefined
  readonly allowPrivateHosts: readonly string[] | undefined
}

/** What the stages of one connector stand on. */
export function scopeOfConnector(serverId: string, connector: Connector, parts: ClientParts): ConnectorContext {
  const { policies, clock, random, logger, transport, emit, shareOf } = parts
  const { profile, app, appCredential, settings } = connector
  const { flow, fields } = profile.auth
  const guard = new CredentialGuard({ serverId, fields, access: parts.access, trail: parts.trail })
  const vault = new Vault({
    rows: parts.rows,
    store: parts.credentials,
    clock,
    random,
    transport,
    logger,
    allowPrivateHosts: parts.allowPrivateHosts,
    owner: parts.owner,
    documents: parts.documents,
    timing: parts.timing,
    serverId,
    auth: profile.auth,
    appCredential,
    app,
    settings,
    guard,
    warningDays: parts.warningDays,
    tell: announceConnection(serverId, guard, emit, logger),
  })
  const redirectUri = typeof app?.['redirectUri'] === 'string' ? app['redirectUri'] : parts.redirectUri
  return {
    serverId,
    profile,
    baseUrl: (of) => connector.baseUrl(of),
    settings: settingsOf(connector, vault, serverId, parts.allowPrivateHosts),
    allowPrivateHosts: parts.allowPrivateHosts,
    policies,
    clock,
    random,
    logger,
    transport,
    vault,
    consent: flow && consentLater({ vault, flow, app, redirectUri, state: parts.state, clock, serverId }),
    shareOf,
    lifetime: new Lifetime(clock, policies.timeouts.callMs),
    circuit: new CircuitBreaker({ clock, ...policies.breaker, onChange: announceBreaker(serverId, emit, logger) }),
    emit,
  }
}

/** Loaded when somebody is first asked to agree. */
function consentLater(options: ConsentOptionsOfConnector): () => Promise<Consent> {
  let consent: Promise<Consent> | undefined
  const load = async () => {
    const { Consent } = await import('../vault/consent.ts')
    return new Consent(options)
  }
  return () => (consent ??= load())
}

const NO_SETTINGS = {}

/** Refuses a connection that lacks settings, so that no request is made without them. */
function parseSettings(connector: Connector, settings: object, serverId: string): object {
  try {
    return connector.parseSettings({ ...connector.settings, ...settings })
  } catch (error) {
    if (!ConnectorError.is(error)) throw error
    throw new ConnectorError('CONFIGURATION_ERROR', `The settings of this ${serverId} connection do not fit.`, {
      reason: 'settings_missing',
      issues: error.details.issues,
      hint: 'Connect it again with connect(credential, { settings }).',
      outcome: 'not_processed',
    })
  }
}

/** The composition's settings with a connection's over them, merged once for each record. */
function settingsOf(
  connector: Connector,
  vault: Vault,
  serverId: string,
  allowPrivateHosts: readonly string[] | undefined,
): ConnectorContext['settings'] {
  if (vault.holdsForTheApp) return () => connector.settings
  const merged = new WeakMap<object, object>()
  const merge = (record: ConnectionRecord): object => {
    const isComplete = (connector.missingSettings ?? []).length === 0
    const settings = record.settings?.[serverId] ?? (isComplete ? undefined : NO_SETTINGS)
    if (settings === undefined) return connector.settings
    const known = merged.get(settings)
    if (known !== undefined) return known
    const both = parseSettings(connector, settings, serverId)
    assertPublicBaseUrl(connector, both, { serverId, allowPrivateHosts })
    merged.set(settings, both)
    return both
  }
  return (connection) => {
    const record = vault.find(connection)
    return record instanceof Promise ? record.then(merge) : merge(record)
  }
}

const announceBreaker =
  (serverId: string, emit: ConnectorContext['emit'], logger: ConnectorContext['logger']) =>
  ({ key, to, openMs }: CircuitChange): void => {
    const [, tenant, connection] = keySegments(key)
    const about = { serverId, tenant, connection: connection ?? 'app' }
    if (to === 'open') {
      logger.warn({ event: 'breaker.opened', ...about, forMs: openMs }, 'A breaker opened.')
      emit('breaker.opened', () => ({ ...about, forMs: openMs }))
      return
    }
    const event = to === 'half_open' ? 'breaker.half_opened' : 'breaker.closed'
    logger.info({ event, ...about }, to === 'half_open' ? 'A breaker lets probes through.' : 'A breaker closed.')
    emit(event, () => about)
  }
