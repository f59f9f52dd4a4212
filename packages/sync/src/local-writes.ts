import { ConnectorError } from '@mcpclient/core'
import type { Version } from '@mcpclient/core'
import type { Intent, Pair, PairRecord } from './pairs.ts'
import type { Fields, RemoteRecord } from './remote.ts'
import type { ReplicaRecord } from './replica.ts'
import { closeWork, declared, defer, images, openWork, seal, unseal } from './run.ts'
import type { Run } from './run.ts'
import { stage } from './staged.ts'
import { differs } from './images.ts'

/** A pair after a step, and the local row if it holds what the provider has not received. */
export interface Taken {
  readonly pair: Pair
  readonly unsent?: ReplicaRecord | undefined
  /** The read proved nothing: it was older than what is known, or may not show the last write yet. */
  readonly stale?: 'older' | 'settling' | undefined
}

/**
 * Reads a pair, and finishes an interrupted write to the host: fields that hold what was written were not edited. The
 * intent itself was a compare-and-swap, so a run that another one has overtaken stops before it writes (I8).
 */
export async function loadPair(run: Run, key: string): Promise<Pair | undefined> {
  const pair = await run.pairs.load(key)
  if (pair === undefined) return undefined
  const { intent, local, remote } = pair
  if (intent?.kind === 'remove_local') return run.pairs.save(pair, { intent: undefined })
  if (intent?.kind !== 'update_local') return pair
  const row = local && (await run.replica.get(local.id))
  const now = row === undefined ? {} : await images(run, row.item)
  const landed = Object.fromEntries(Object.entries(intent.sent).filter(([field, digest]) => now[field] === digest))
  return run.pairs.save(pair, {
    intent: undefined,
    remote: remote && { ...remote, image: { ...remote.image, ...landed } },
    local: local && { ...local, version: undefined, image: { ...local.image, ...landed } },
  })
}

/** Creates the local row of a remote record. The intent precedes the write (I5). */
export async function beginCreateLocal(
  run: Run,
  pair: Pair,
  record: RemoteRecord,
  seenAt: number,
  changes: Partial<PairRecord> = {},
): Promise<Taken> {
  const item = declared(run, record.item)
  const { id, version, revision } = record
  // A record that was deferred is found by its id until it has a pair.
  const opened = await openWork(run, pair.key, { remoteId: record.id })
  const intent: Intent = { kind: 'create_local', item: await seal(run, item) }
  const begun = await run.pairs.save(pair, {
    ...changes,
    remote: { id, version, revision, image: await images(run, item) },
    local: undefined,
    parent: run.remote.traits.parent?.(record.item),
    seenAt,
    newest: undefined,
    intent,
  })
  await linkChild(run, begun)
  return createLocal(run, begun, intent, opened)
}

/**
 * Puts what the intent says. The key of the create finds the row of an earlier try.
 * @param opened absent if the create was interrupted: then its note stays, because the record may have been removed since
 */
export async function createLocal(
  run: Run,
  pair: Pair,
  intent: Extract<Intent, { kind: 'create_local' }>,
  opened?: Version,
): Promise<Taken> {
  const item = (await unseal(run, intent.item)) as Fields
  const put = await run.replica.put({ key: `${pair.key}.${pair.life}`, item, ifVersion: null })
  if ('conflict' in put) {
    throw new ConnectorError('CONFIGURATION_ERROR', 'The replica reported a conflict for a new row.', {
      hint: 'Return the existing row with existed: true.',
    })
  }
  const { id, version, existed = false } = put
  await run.pairs.claim('local', id, pair.key, 0)
  const image = await images(run, item)
  const saved = await run.pairs.save(pair, {
    intent: undefined,
    local: { id, version: existed ? undefined : version, image },
  })
  run.tally.created.local += existed ? 0 : 1
  run.tally.finished += existed ? 1 : 0
  const row = existed ? await run.replica.get(id) : undefined
  if (existed && row === undefined) await stage(run, pair, 'local')
  if (row !== undefined && differs(await images(run, row.item), image)) return { pair: saved, unsent: row }
  if (opened !== undefined) await closeWork(run, pair.key, opened)
  return { pair: saved }
}

/** Handles a missing row. A host that has loaded half of its rows looks like one that removed it: the end of the round decides. */
export async function waitForRow(run: Run, pair: Pair): Promise<Taken> {
  await stage(run, pair, 'local')
  await defer(run, pair.key, run.now())
  return { pair }
}

/** Remembers which records belong to a parent, so they do not outlive it. */
export async function linkChild({ options: { store, prefix, keys } }: Run, { key, parent }: Pair): Promise<void> {
  if (parent !== undefined) await store.put(`${prefix}/c/${await keys.digest('parent', parent)}/${key}`, '')
}
