import type { FlowContext } from '../auth/grant-flow.ts'
import { noConnector } from '../errors/no-connector.ts'
import { withDefaults } from '../errors/option-rules.ts'
import type { Principal } from '../identity/principal.ts'
import type { Store } from '../ports/store.ts'
import { boundedStore } from '../resilience/bounded-store.ts'
import { announceConnection } from './announce-connection.ts'
import { AuditTrail } from './audit-trail.ts'
import { ConnectionRows } from './connection-store.ts'
import { ConnectorVault } from './connector-vault.ts'
import { CredentialGuard } from './credential-guard.ts'
import { DEFAULT_WARNING_DAYS } from './credential-list.ts'
import type { OperationsContext } from './operations/operations-context.ts'
import type { PendingAuthorization } from './pending-authorization.ts'
import { renewalTiming } from './renewal/refresh-timing.ts'
import type { RenewalTiming } from './renewal/refresh-timing.ts'
import type { VaultOptions } from './vault-options.ts'
import type { BoundVault, CompletedAuthorization, VaultConnector, VaultHost } from './vault-port.ts'
import { VaultSource } from './vault-source.ts'

/** The vault of one client: makes the vault of each connector, and completes authorizations. */
export class ClientVault implements BoundVault {
  readonly #options: VaultOptions
  readonly #host: VaultHost
  readonly #store: Store
  readonly #state: Store
  readonly #rows: ConnectionRows
  readonly #timing: RenewalTiming
  readonly #trail: AuditTrail | undefined
  readonly #sources = new Map<string, VaultSource>()
  readonly #documents: FlowContext['documents'] = new Map()
  readonly release: () => void
  #owner: string | undefined

  constructor(
    options: VaultOptions & { readonly store: Store },
    host: VaultHost,
    release: (from: ClientVault) => void,
  ) {
    this.#options = options
    this.#host = host
    this.release = () => release(this)
    this.#store = boundedStore(options.store, host.clock)
    // Every process has to find an authorization that has started, so the store of the credentials is the default.
    this.#state = host.state ? boundedStore(host.state, host.clock) : this.#store
    this.#rows = new ConnectionRows(this.#store, host.clock)
    this.#timing = withDefaults(renewalTiming, options.renewal)
    this.#trail = options.audit && new AuditTrail(options.audit, host.clock, host.logger)
  }

  /** Returns the context of operations over many connections. */
  get operations(): OperationsContext {
    const vaults = new Map([...this.#sources].map(([serverId, { vault }]) => [serverId, vault] as const))
    const { clock, identify } = this.#host
    return { vaults, store: this.#store, clock, trail: this.#trail, identify }
  }

  add(composed: VaultConnector): VaultSource {
    const { serverId, connector } = composed
    const { access, expiryWarningDays = DEFAULT_WARNING_DAYS, redirectUri } = this.#options
    const { emit, logger } = this.#host
    const { fields } = connector.profile.auth
    const guard = new CredentialGuard({ serverId, fields, access, trail: this.#trail })
    const vault = new ConnectorVault({
      host: this.#host,
      composed,
      rows: this.#rows,
      store: this.#store,
      state: this.#state,
      // Made with the first use: some runtimes have no randomness while a module is loaded.
      owner: () => (this.#owner ??= globalThis.crypto.randomUUID()),
      documents: this.#documents,
      timing: this.#timing,
      redirectUri,
      guard,
      warningDays: expiryWarningDays,
      emit: announceConnection(serverId, guard, emit, logger),
      membersOf: (group) => [...this.#sources].flatMap(([id, { vault: other }]) => (other.group === group ? [id] : [])),
    })
    const source = new VaultSource(vault)
    this.#sources.set(serverId, source)
    return source
  }

  remove(serverId: string): void {
    this.#sources.delete(serverId)
  }

  of(serverId: string): ConnectorVault {
    return this.#sourceOf(serverId).vault
  }

  async completeAuthorization(callback: string | URL, principal: Principal): Promise<CompletedAuthorization> {
    const { completeAuthorization } = await import('./complete-authorization.ts')
    const { clock, logger } = this.#host
    const operationsOn = ({ serverId, connection }: PendingAuthorization) => {
      const source = this.#sourceOf(serverId)
      return source.accounts(source.connectionOf(principal.tenant, connection), principal)
    }
    return completeAuthorization(
      { state: this.#state, clock, logger, trail: this.#trail, operationsOn },
      callback,
      principal,
    )
  }

  #sourceOf(serverId: string): VaultSource {
    const source = this.#sources.get(serverId)
    if (source !== undefined) return source
    throw noConnector(serverId, [...this.#sources.keys()])
  }

  async close(): Promise<void> {
    this.release()
    await this.#trail?.settled()
  }
}
