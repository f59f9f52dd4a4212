import type { Connection } from '../connector/call.ts'
import type { Account } from '../connector/profile.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Clock } from '../ports/clock.ts'
import { listAll, storeKey } from '../ports/store.ts'
import type { Store, Version } from '../ports/store.ts'

/** What is kept of a connection. It holds the credential: it never leaves the vault but into a signature. */
export interface ConnectionRecord {
  readonly credential: Readonly<Record<string, string>>
  /** The connection's own settings, over those of the composition. */
  readonly settings?: object | undefined
  readonly account?: Account | undefined
  /** ISO 8601. */
  readonly connectedAt?: string | undefined
}

interface Known {
  readonly record: ConnectionRecord
  readonly version: Version
  /** On the monotonic scale. */
  readonly readAt: number
}

/**
 * The credentials of one connector, in the host's store, with the ones in use kept at hand for a short while.
 */
export class Vault {
  readonly #store: Store
  readonly #clock: Clock
  readonly #serverId: string
  readonly #app: ConnectionRecord | undefined
  readonly #known = new Map<string, Known>()
  readonly #reading = new Map<string, Promise<Known | undefined>>()
  /** Credentials that `connect` is trying out, by the connection object that tries them. */
  readonly #proposed = new WeakMap<Connection, ConnectionRecord>()

  constructor(options: {
    readonly store: Store
    readonly clock: Clock
    readonly serverId: string
    /** The credential of the app itself; then there are no connections. */
    readonly appCredential: Readonly<Record<string, string>> | undefined
  }) {
    this.#store = options.store
    this.#clock = options.clock
    this.#serverId = options.serverId
    this.#app = options.appCredential && { credential: options.appCredential }
  }

  get holdsForTheApp(): boolean {
    return this.#app !== undefined
  }

  /**
   * The record of a connection; not a promise where it is at hand.
   * @throws ConnectorError MCP_AUTHENTICATION_FAILURE if the tenant has not connected
   */
  find(connection: Connection): ConnectionRecord | Promise<ConnectionRecord> {
    if (this.#app !== undefined) return this.#app
    const proposed = this.#proposed.get(connection)
    if (proposed !== undefined) return proposed
    const known = this.#known.get(connection.key)
    if (known !== undefined && this.#clock.monotonic() - known.readAt < AT_HAND_MS) return known.record
    return this.#read(connection).then((found) => found?.record ?? this.#missing(connection))
  }

  /** Whether there is one, without an error if there is none. */
  async has(connection: Connection): Promise<boolean> {
    return this.#app !== undefined || (await this.#read(connection)) !== undefined
  }

  /** What the store holds now, if that is another credential than `record`. */
  async newerThan(connection: Connection, record: ConnectionRecord): Promise<ConnectionRecord | undefined> {
    if (this.#app !== undefined || this.#proposed.has(connection)) return undefined
    const found = await this.#read(connection)
    const same = JSON.stringify(found?.record.credential) === JSON.stringify(record.credential)
    return same ? undefined : found?.record
  }

  /** Lets `connection` use a record that is not stored yet. */
  propose(connection: Connection, record: ConnectionRecord): void {
    this.#proposed.set(connection, record)
  }

  async keep(connection: Connection, record: ConnectionRecord): Promise<void> {
    await this.#store.put(this.#place(connection), JSON.stringify(record))
    this.#known.delete(connection.key)
    this.#proposed.delete(connection)
  }

  async remove(connection: Connection): Promise<boolean> {
    this.#known.delete(connection.key)
    return this.#store.delete(this.#place(connection))
  }

  /** The names of a tenant's connections. */
  async names(tenant: string): Promise<readonly string[]> {
    const prefix = `${storeKey('connection', this.#serverId, tenant)}/`
    const names: string[] = []
    for await (const { key } of listAll(this.#store, prefix)) names.push(decodeURIComponent(key.slice(prefix.length)))
    return names
  }

  /** Callers that ask at the same time share one read. */
  #read(connection: Connection): Promise<Known | undefined> {
    const { key } = connection
    const running = this.#reading.get(key)
    if (running !== undefined) return running
    const reading = this.#store
      .get(this.#place(connection))
      .then((stored) => {
        if (stored === undefined) {
          this.#known.delete(key)
          return undefined
        }
        const known = {
          record: parseRecord(stored.value, connection),
          version: stored.version,
          readAt: this.#clock.monotonic(),
        }
        this.#keepAtHand(key, known)
        return known
      })
      .finally(() => this.#reading.delete(key))
    this.#reading.set(key, reading)
    return reading
  }

  #keepAtHand(key: string, known: Known): void {
    // Re-inserting keeps the map in order of reading, so the ones that nobody asks for are at its front.
    this.#known.delete(key)
    this.#known.set(key, known)
    for (const [oldKey, old] of this.#known) {
      if (known.readAt - old.readAt < AT_HAND_MS && this.#known.size <= MOST_AT_HAND) break
      this.#known.delete(oldKey)
    }
  }

  async #missing({ serverId, tenant, name }: Connection): Promise<never> {
    const names = await this.names(tenant ?? '')
    if (names.length > 0) {
      throw new ConnectorError('ROUTING_ERROR', `${tenant} has no connection named "${name}" at ${serverId}.`, {
        choices: names,
        hint: `Name the one that is meant: .at('${names[0]}').`,
        outcome: 'not_processed',
      })
    }
    throw new ConnectorError('MCP_AUTHENTICATION_FAILURE', `${tenant} has not connected ${serverId}.`, {
      hint: 'Call connect() with a credential first.',
      outcome: 'not_processed',
    })
  }

  #place({ tenant, name }: Connection): string {
    return storeKey('connection', this.#serverId, tenant ?? '', name)
  }
}

/** A credential that another process replaced is noticed at the latest after this time, or when it is refused. */
const AT_HAND_MS = 30_000
/** Plain credentials in memory, of one connector, at most. */
const MOST_AT_HAND = 10_000

function parseRecord(value: string, { serverId, key }: Connection): ConnectionRecord {
  try {
    return JSON.parse(value) as ConnectionRecord
  } catch {
    throw new ConnectorError('CONFIGURATION_ERROR', `The stored connection ${key} cannot be read.`, {
      serverId,
      hint: 'Was it written by something else? If the store is encrypted, wrap it in encrypted() with the same keys.',
    })
  }
}
