import type { FlowContext } from '../auth/grant-flow.ts'
import type { Connector } from '../connector/connector.ts'
import type { Consent, ConsentOptionsOfConnector } from '../credentials/consent.ts'
import type { AuditTrail } from '../credentials/audit-trail.ts'
import type { ConnectionRecord } from '../credentials/connection-record.ts'
import type { ConnectionRows } from '../credentials/connection-rows.ts'
import type { CredentialAccess } from '../credentials/credential-access.ts'
import { CredentialGuard } from '../credentials/credential-guard.ts'
import type { RenewalTiming } from '../credentials/renewal/renewal-world.ts'
import { Vault } from '../credentials/vault.ts'
import type { ConnectorScope } from '../pipeline/connector-scope.ts'
import { Lifetime } from '../pipeline/lifetime.ts'
import { keySegments } from '../ports/store.ts'
import type { Store } from '../ports/store.ts'
import { CircuitBreaker } from '../resilience/circuit.ts'
import type { CircuitChange } from '../resilience/circuit.ts'
import { announceConnection } from './announce-connection.ts'
import { assertPublicBaseUrl } from './public-base-url.ts'

/** What all connectors of a client stand on. */
export interface ClientParts extends Pick<
  ConnectorScope,
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
export function scopeOfConnector(serverId: string, connector: Connector, parts: ClientParts): ConnectorScope {
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
    circuit: new CircuitBreaker({ clock, ...policies.breaker, onChange: announceBreaker(serverId, emit) }),
    emit,
  }
}

/** Loaded when somebody is first asked to agree. */
function consentLater(options: ConsentOptionsOfConnector): () => Promise<Consent> {
  let consent: Promise<Consent> | undefined
  const load = async () => {
    const { Consent } = await import('../credentials/consent.ts')
    return new Consent(options)
  }
  return () => (consent ??= load())
}

/** The composition's settings with a connection's over them, merged once for each record. */
function settingsOf(
  connector: Connector,
  vault: Vault,
  serverId: string,
  allowPrivateHosts: readonly string[] | undefined,
): ConnectorScope['settings'] {
  if (vault.holdsForTheApp) return () => connector.settings
  const merged = new WeakMap<object, object>()
  const merge = (record: ConnectionRecord): object => {
    const settings = record.settings?.[serverId]
    if (settings === undefined) return connector.settings
    const known = merged.get(settings)
    if (known !== undefined) return known
    const both = connector.parseSettings({ ...connector.settings, ...settings })
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
  (serverId: string, emit: ConnectorScope['emit']) =>
  ({ key, to, openMs }: CircuitChange): void => {
    const [, tenant, connection] = keySegments(key)
    const about = { serverId, tenant, connection: connection ?? 'app' }
    if (to === 'open') emit('breaker.opened', () => ({ ...about, forMs: openMs }))
    else if (to === 'half_open') emit('breaker.half_opened', () => about)
    else emit('breaker.closed', () => about)
  }
