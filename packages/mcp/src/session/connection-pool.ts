import { ConnectorError, storeKey } from '@mcpclient/core'
import type { ClientHost } from '@mcpclient/core'
import { StepUps } from '../auth/step-ups.ts'
import type { ServerSetup } from '../server-setup.ts'
import { Connection } from './connection.ts'
import type { ConnectionOptions } from './connection.ts'
import { EraMemory } from './era-memory.ts'

/** How people come by a credential for the server. */
export interface Access {
  /** Whether there is a person who could agree to more. */
  readonly canAsk: boolean
  /** Where nobody said whether the server wants a credential: whether it lets in those who have none. */
  readonly isOpen?: (() => Promise<boolean>) | undefined
}

/** The connections of one connector in one client, one for each account that is in use. */
export class ConnectionPool {
  readonly setup: ServerSetup
  readonly access: Access
  readonly stepUps: StepUps
  readonly #eras: EraMemory
  readonly #connections = new Map<string, Connection>()
  #cancelSweep: (() => void) | undefined
  #closed = false

  constructor(setup: ServerSetup, access: Access) {
    this.setup = setup
    this.access = access
    this.stepUps = new StepUps(setup.clock, access.canAsk)
    this.#eras = new EraMemory(setup.clock)
  }

  /** The connection of a view; all views of one account share it. */
  of(host: ClientHost, refresh: ConnectionOptions['refresh']): Connection {
    const { key, tenant } = this.#placeOf(host)
    const known = this.#connections.get(key)
    if (known !== undefined) return known
    if (this.#closed) throw new ConnectorError('CANCELLED', 'The client was closed.', { outcome: 'not_processed' })
    const connection = new Connection({ key, tenant, host, setup: this.setup, eras: this.#eras, refresh })
    this.#connections.set(key, connection)
    this.#sweepLater()
    return connection
  }

  /** Ends the connection of an account whose credential is another one now. */
  async drop(host: ClientHost): Promise<void> {
    const { key } = this.#placeOf(host)
    const connection = this.#connections.get(key)
    this.#connections.delete(key)
    await connection?.close()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelSweep?.()
    const connections = [...this.#connections.values()]
    this.#connections.clear()
    await Promise.all(connections.map((connection) => connection.close()))
  }

  #placeOf({ connection, principal }: ClientHost): { readonly key: string; readonly tenant: string | undefined } {
    const { key, serverId, tenant } = connection
    if (tenant !== undefined || this.setup.session === 'shared') return { key, tenant }
    return { key: storeKey(serverId, principal.tenant), tenant: principal.tenant }
  }

  /** One timer for all, and none while there is nothing to close. */
  #sweepLater(): void {
    const { background, idleMs } = this.setup
    if (this.#cancelSweep !== undefined || idleMs === Number.POSITIVE_INFINITY) return
    this.#cancelSweep = background.schedule(idleMs / 2, () => {
      this.#cancelSweep = undefined
      for (const [key, connection] of this.#connections) {
        if (connection.idleForMs < idleMs) continue
        // What was learnt from it goes, too: a hundred thousand idle tenants cost nothing.
        this.#connections.delete(key)
        connection.close().catch(() => undefined)
      }
      if (this.#connections.size > 0) this.#sweepLater()
    })
  }
}
