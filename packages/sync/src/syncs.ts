import { ConnectorError, storeKey } from '@mcpclient/core'
import type {
  AnySync,
  AnySyncMapping,
  Capability,
  ClientContext,
  Store,
  SyncRequest,
  SyncResult,
  WakeTarget,
} from '@mcpclient/core'
import { changeStream } from './change-stream.ts'
import type { SyncChange } from './change-stream.ts'
import { connectorRemote, fieldsIn, itemOf } from './connector-remote.ts'
import { canonical } from './images.ts'
import { syncKeys } from './keys.ts'
import type { SyncEngineOptions } from './options.ts'
import type { Choice } from './pairs.ts'
import { parkedRecords, resolveParked } from './parked-records.ts'
import type { Parked, SyncState } from './parked-records.ts'
import { forgetSync, runSync } from './engine.ts'
import { previewSync } from './preview.ts'
import type { Fields } from './remote.ts'
import type { Replica } from './replica.ts'
import type { SyncResult as EngineResult } from './result.ts'
import { announceRun, connectionKey, SyncSchedule } from './schedule.ts'
import type { ScheduleOptions } from './schedule.ts'
import type { SyncedCollection, SyncTarget } from './target.ts'

type Policies = Pick<SyncEngineOptions, 'policy' | 'removals' | 'away' | 'brake' | 'fullEveryMs'>

/** The rules for one sync of one connector, for all connections. */
export interface SyncPlan extends Policies {
  /** The server id of the connector. */
  readonly connector: string
  /** The name of the sync in its definition. */
  readonly sync: string
  /** Returns the host's table for one target. Its items have the fields of the definition's item, without id and etag. */
  readonly replica: (target: SyncedCollection) => Replica
  /**
   * Translates the items to rows of another shape, so that plans of several providers share a table. The fields of the
   * table are those of the rows then.
   */
  readonly mapping?: AnySyncMapping | undefined
  /** Returns a natural key, to recognize a record that both sides have before they were ever synced. */
  readonly match?: ((item: Fields) => string | undefined) | undefined
}

export interface SyncsOptions {
  readonly plans: readonly SyncPlan[]
  /**
   * Keys the digests that the state consists of, and encrypts parked values: at least 32 random characters. With another
   * secret every record looks changed on both sides.
   */
  readonly secret: string
  /** Holds the state. @default the state of the client */
  readonly store?: Store | undefined
}

/** The capability that runs `syncData`, and syncs on a schedule. */
export interface Syncs extends Capability {
  /**
   * Syncs a collection now and from then on, in any process that runs jobs. Scheduling it again changes its options.
   * Disconnecting the connection ends it.
   * @throws ConnectorError INVALID_INPUT if there is no such sync; CONFIGURATION_ERROR if no capability runs jobs
   */
  schedule(target: SyncTarget, options?: ScheduleOptions): Promise<void>
  /** Ends the schedule of a collection. Its state stays. */
  unschedule(target: SyncTarget): Promise<void>
  /** Runs a scheduled collection now, or ten seconds after its last run. Does nothing if it is not scheduled. */
  wake(target: SyncTarget): Promise<void>
  /**
   * Yields what changed at the provider since the last stream of this collection ended: for a consumer without a table. It
   * needs no plan. Entries are yielded at least once; a page is committed when its last entry was consumed.
   * @throws ConnectorError as any call does
   */
  changes(target: SyncTarget, options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<SyncChange>
  /** Yields what waits for a decision, and values that lost a conflict in the last 90 days. */
  parked(target: SyncTarget): AsyncIterable<Parked>
  /**
   * Decides a parked record. The next run applies it.
   * @param id of {@link Parked}
   * @throws ConnectorError INVALID_INPUT if there is no such record
   */
  resolve(target: SyncTarget, id: string, choice: Choice): Promise<void>
  /** Removes the state of a target. Its next run is a first one. Disconnecting a connection does the same. */
  forget(target: SyncTarget): Promise<void>
}

const MIN_SECRET_LENGTH = 32
const DEFAULT_CONNECTION = 'default'
/** The name of the connection of a connector with a credential of the app. */
const APP_CONNECTION = 'app'

/**
 * Creates the capability that runs syncs: `createMcpClient({ capabilities: [syncs({ plans, secret })] })`.
 * @throws ConnectorError CONFIGURATION_ERROR if two plans are for one sync, or if the secret is too short
 */
export function syncs({ plans, secret, store }: SyncsOptions): Syncs {
  checkOptions(plans, secret)
  let client: ClientContext | undefined

  const context = (): ClientContext => {
    if (client !== undefined) return client
    throw new ConnectorError('CONFIGURATION_ERROR', 'These syncs are not composed into a client.', {
      hint: 'Pass them to createMcpClient({ capabilities: [...] }) first.',
    })
  }
  const schedule = () => new SyncSchedule(context())
  const stateOf = async (target: SyncedCollection): Promise<SyncState> => {
    const connection = connectionKey(target)
    const keys = await syncKeys(new TextEncoder().encode(secret), connection)
    // Rows of two sets of parameters never mix (one cursor for each collection).
    const digest = await keys.digest('params', canonical(target.params))
    const prefix = `${connection}/${storeKey(target.sync, digest)}`
    return { store: store ?? context().state, prefix, keys }
  }
  /** Returns the prefix of the jobs of one collection, or of all with one name. */
  const jobsOf = async ({ serverId: connector, sync, tenant, connection, params }: WakeTarget): Promise<string> => {
    if (params !== undefined) return (await stateOf(full({ connector, sync, tenant, connection, params }))).prefix
    return `${connectionKey({ connector, tenant, connection })}/${storeKey(sync)}/`
  }
  const definitionOf = ({ connector, sync }: SyncTarget): AnySync => {
    const definition = context().connectors.get(connector)?.syncs?.[sync]
    if (definition !== undefined) return definition
    throw new ConnectorError('INVALID_INPUT', `${connector} has no sync named "${sync}".`, { outcome: 'not_processed' })
  }
  const full = (target: SyncTarget): SyncedCollection => {
    const parsed = definitionOf(target).params?.safeParse(target.params ?? {})
    if (parsed?.success === false) {
      throw new ConnectorError('INVALID_INPUT', `The params of ${target.sync} are invalid.`, {
        hint: 'Pass the params that syncData() was called with.',
        outcome: 'not_processed',
      })
    }
    const params = parsed?.data ?? {}
    // Every tenant uses the app's own connection, whatever the target says.
    const isShared = context().connectors.get(target.connector)?.appCredential !== undefined
    const connection = isShared ? APP_CONNECTION : (target.connection ?? DEFAULT_CONNECTION)
    return { ...target, connection, params }
  }

  const run = async (request: SyncRequest): Promise<SyncResult> => {
    const { serverId, name, principal, connection, params, options } = request
    const plan = plans.find((each) => each.connector === serverId && each.sync === name)
    if (plan === undefined) throw noPlan(serverId, name)
    const target = { connector: serverId, sync: name, tenant: principal.tenant, connection: connection.name, params }
    const { connector: _connector, sync: _sync, replica, match, mapping, ...policies } = plan
    const { direction, signal, preview, first, confirmRemovals, maxMs } = options
    const remote = connectorRemote({ ...request, mapping })
    const engine: SyncEngineOptions = {
      ...policies,
      ...(await stateOf(target)),
      match: match && ((item) => match(itemOf(item))),
      direction,
      clock: context().clock,
      remote,
      replica: withNulls(replica(target), remote.traits.fields),
    }
    if (preview === true) return resultOf((await previewSync(engine, { signal })).result)
    const result = await runSync(engine, { signal, first, confirmRemovals, maxMs })
    announceRun(context(), target, result)
    return resultOf(result)
  }

  return {
    name: 'syncs',
    syncEngine: {
      run,
      wake: async (target) => schedule().wake(await jobsOf(target)),
      setPushed: async (target, isPushed) => schedule().setPushed(await jobsOf(target), isPushed),
    },
    bind(bound) {
      for (const { connector, sync } of plans) assertPlanned(bound, connector, sync)
      client = bound
      if (bound.hasJobs) schedule().listen()
      const stop = bound.on('connection.disconnected', ({ serverId, tenant, connection }) => {
        if (tenant === undefined) return
        const prefix = connectionKey({ connector: serverId, tenant, connection })
        const forgotten = async () => {
          if (bound.hasJobs) await schedule().removeAll(prefix)
          await forgetSync({ store: store ?? bound.state, prefix })
        }
        forgotten().catch((error: unknown) => {
          bound.logger.warn(
            { event: 'sync.not_forgotten', serverId, tenant, connection, error },
            'The state of a sync stays.',
          )
        })
      })
      return () => {
        stop()
        client = undefined
      }
    },
    async schedule(target, options = {}) {
      const collection = full(target)
      await schedule().add(collection, (await stateOf(collection)).prefix, options)
    },
    async unschedule(target) {
      await schedule().remove((await stateOf(full(target))).prefix)
    },
    async wake(target) {
      await schedule().wake((await stateOf(full(target))).prefix)
    },
    async *changes(target, { signal } = {}) {
      const collection = full(target)
      const { connector, sync: name, tenant, connection, params } = collection
      const sync = definitionOf(target)
      const send: SyncRequest['send'] = (operation) =>
        context().send(connector, { tenant, agent: 'sync' }, connection, {
          ...operation,
          name: `sync_${name}_${operation.name}`,
          scopes: sync.scopes,
          signal,
        })
      // An item is yielded with the fields that the provider sent.
      const remote = connectorRemote({ sync: { ...sync, sparse: true }, fields: [], params, send })
      yield* changeStream(remote, await stateOf(collection), signal)
    },
    async *parked(target) {
      yield* parkedRecords(await stateOf(full(target)))
    },
    async resolve(target, id, choice) {
      await resolveParked(await stateOf(full(target)), id, choice, context().clock.now())
    },
    async forget(target) {
      await forgetSync(await stateOf(full(target)))
    },
  }
}

/** Shows the engine each empty field of the host's rows as null, and the host no nulls. Other columns stay as they are. */
function withNulls(replica: Replica, fields: readonly string[]): Replica {
  return {
    async *changes(since) {
      for await (const change of replica.changes(since)) {
        yield change.item === null ? change : { ...change, item: { ...change.item, ...fieldsIn(change.item, fields) } }
      }
    },
    async get(id) {
      const row = await replica.get(id)
      return row && { ...row, item: { ...row.item, ...fieldsIn(row.item, fields) } }
    },
    put: (record) => replica.put({ ...record, item: itemOf(record.item) }),
    remove: (id, ifVersion) => replica.remove(id, ifVersion),
  }
}

function resultOf({ errors, timestamp, ...counted }: EngineResult): SyncResult {
  return {
    ...counted,
    errors: errors.map(({ code, message, cause }) => new ConnectorError(code, message, {}, { cause })),
    timestamp: new Date(timestamp),
  }
}

function checkOptions(plans: readonly SyncPlan[], secret: unknown): void {
  if (typeof secret !== 'string' || secret.length < MIN_SECRET_LENGTH) {
    throw new ConnectorError(
      'CONFIGURATION_ERROR',
      `The secret of syncs() has fewer than ${MIN_SECRET_LENGTH} characters.`,
      {
        hint: 'Generate one: openssl rand -base64 32. Keep it for as long as the state.',
      },
    )
  }
  const names = plans.map(({ connector, sync }) => `${connector}.${sync}`)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice === undefined) return
  throw new ConnectorError('CONFIGURATION_ERROR', `Two plans are for ${twice}.`, { hint: 'Keep one of them.' })
}

function assertPlanned({ connectors }: ClientContext, serverId: string, name: string): void {
  const known = connectors.get(serverId)?.syncs ?? {}
  if (Object.hasOwn(known, name)) return
  throw new ConnectorError('CONFIGURATION_ERROR', `A plan names ${serverId}.${name}, which is no sync.`, {
    choices: Object.keys(known),
    hint: connectors.has(serverId) ? 'Name a sync of the connector.' : 'Compose the connector as well.',
  })
}

const noPlan = (serverId: string, name: string): ConnectorError =>
  new ConnectorError('CONFIGURATION_ERROR', `No plan is for ${serverId}.${name}.`, {
    serverId,
    hint: `Add one: syncs({ plans: [{ connector: '${serverId}', sync: '${name}', replica }] }).`,
    outcome: 'not_processed',
  })
