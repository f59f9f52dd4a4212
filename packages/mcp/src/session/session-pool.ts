import { ConnectorError, storeKey } from '@mcpclient/core'
import type { ClientHost } from '@mcpclient/core'
import { ScopeStepUp } from '../auth/scope-step-up.ts'
import type { ServerContext } from './server-context.ts'
import { ServerSession } from './server-session.ts'
import type { ServerSessionContext } from './server-session.ts'
import { VersionCache } from './version-cache.ts'

/** The source of a connection's credential for the server. */
export interface Access {
  /** Whether a user can be asked for consent. */
  readonly canAsk: boolean
  /**
   * Returns whether the server allows requests without a credential. Absent if the composition says whether it needs one.
   */
  readonly isOpen?: (() => Promise<boolean>) | undefined
}

/** The sessions of one connector in one client: one for each account that is in use. */
export class SessionPool {
  readonly server: ServerContext
  readonly access: Access
  readonly stepUp: ScopeStepUp
  readonly #versions: VersionCache
  readonly #sessions = new Map<string, ServerSession>()
  #cancelSweep: (() => void) | undefined
  #closed = false

  constructor(server: ServerContext, access: Access) {
    this.server = server
    this.access = access
    this.stepUp = new ScopeStepUp(server.clock, access.canAsk)
    this.#versions = new VersionCache(server.clock)
  }

  /** Returns the session of a view. All views of one account share it. */
  of(host: ClientHost, refresh: ServerSessionContext['refresh']): ServerSession {
    const { key, tenant } = this.#ownerOf(host)
    const known = this.#sessions.get(key)
    if (known !== undefined) return known
    if (this.#closed) throw new ConnectorError('CANCELLED', 'The client was closed.', { outcome: 'not_processed' })
    const { server } = this
    const session = new ServerSession({ key, tenant, host, server, versions: this.#versions, refresh })
    this.#sessions.set(key, session)
    this.#scheduleSweep()
    return session
  }

  /** Closes the session of an account whose credential changed. */
  async drop(host: ClientHost): Promise<void> {
    const { key } = this.#ownerOf(host)
    const session = this.#sessions.get(key)
    this.#sessions.delete(key)
    await session?.close()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelSweep?.()
    const sessions = [...this.#sessions.values()]
    this.#sessions.clear()
    await Promise.all(sessions.map((session) => session.close()))
  }

  #ownerOf({ connection, principal }: ClientHost): { readonly key: string; readonly tenant: string | undefined } {
    const { key, serverId, tenant } = connection
    if (tenant !== undefined || this.server.session === 'shared') return { key, tenant }
    return { key: storeKey(serverId, principal.tenant), tenant: principal.tenant }
  }

  /** Schedules one timer for all sessions, and none while there is no session. */
  #scheduleSweep(): void {
    const { background, idleMs } = this.server
    if (this.#cancelSweep !== undefined || idleMs === Number.POSITIVE_INFINITY) return
    this.#cancelSweep = background.schedule(idleMs / 2, () => {
      this.#cancelSweep = undefined
      for (const [key, session] of this.#sessions) {
        if (session.idleForMs < idleMs) continue
        // Removed together with what was learned: a hundred thousand idle tenants cost no memory.
        this.#sessions.delete(key)
        session.close().catch(() => undefined)
      }
      if (this.#sessions.size > 0) this.#scheduleSweep()
    })
  }
}
