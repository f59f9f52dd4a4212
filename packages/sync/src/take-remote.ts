import { differs } from './images.ts'
import type { Images } from './images.ts'
import { beginCreateLocal } from './local-writes.ts'
import type { Taken } from './local-writes.ts'
import { mergeRemote } from './merge.ts'
import type { Merged } from './merge.ts'
import type { Pair, PairRecord, ParkedField } from './pairs.ts'
import { keepOverwritten, park, unpark, unparkChoices } from './parked.ts'
import { isAnswer } from './remote.ts'
import type { RemoteRecord } from './remote.ts'
import type { ReplicaRecord } from './replica.ts'
import { defer, images, seal } from './run.ts'
import type { Run } from './run.ts'
import { doubtRemoval, stage } from './staged.ts'

/** A local row that keeps changing is left to a later run. */
const MAX_TRIES = 3

/** The read that a remote record comes from. */
export interface Reading {
  /** The time when the read was sent. */
  readonly at: number
  /** Compares the local row even if the remote record did not change. */
  readonly forced?: boolean | undefined
  /** The record is the response to a write, so it is the latest state. */
  readonly response?: boolean | undefined
  /** The `seenAt` of the pair before this read, if it was saved already. */
  readonly seenBefore?: number | undefined
  /** The round has ended and the brake was checked: what the host removed may be created again. */
  readonly final?: boolean | undefined
}

/** Applies what the provider reports of a paired record to the local row. */
export async function takeRemote(run: Run, pair: Pair, record: RemoteRecord, reading: Reading): Promise<Taken> {
  const { remote, local } = pair
  if (remote === undefined || local === undefined || pair.away) return { pair }
  const { at, response = false } = reading
  const forced = (reading.forced ?? response) || pair.chosen !== undefined
  const known = Math.max(remote.revision ?? -Infinity, pair.newest?.revision ?? -Infinity)
  const isOrdered = record.revision !== undefined && known > -Infinity
  if (isOrdered && (record.revision ?? 0) < known) return { pair, stale: 'older' }
  await doubtRemoval(run, pair)
  if (!forced && record.version !== undefined && record.version === remote.version) return { pair }
  const now = await images(run, record.item)
  const changed = differs(now, remote.image)
  if (changed && !isOrdered && !response) {
    const seenAt = reading.seenBefore ?? pair.seenAt ?? 0
    if (run.settleMs > 0 && at < seenAt + run.settleMs) return { pair, stale: 'settling' }
    // Another run saw a later state after this read was sent.
    if (at < seenAt) return readAgain(run, pair, record.id, forced)
  }
  const end = { id: remote.id, version: record.version, revision: record.revision, image: remote.image }
  if (!changed && !forced) {
    const isNew = record.version !== remote.version || record.revision !== remote.revision
    return { pair: isNew ? await run.pairs.save(pair, { remote: end, seenAt: at }) : pair }
  }
  if (run.direction === 'push') return takeForPush(run, pair, record, now, at)

  let current = pair
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const row = await run.replica.get(local.id)
    if (row === undefined) return localIsGone(run, await withoutIntent(run, current), record, changed, reading)
    const ours = await images(run, row.item)
    const merged = await mergeRemote({
      keys: run.options.keys,
      remote: { item: record.item, now, was: remote.image, changed: record.changed },
      local: { item: row.item, now: ours, was: local.image, changed: row.changed },
      readOnly: run.direction === 'both' ? run.readOnly : new Set(),
      sets: run.sets,
      policy: run.options.policy ?? 'remote',
      parked: pair.parked ?? {},
      chosen: pair.chosen ?? {},
    })
    const { pair: begun, row: written } = await writeLocal(run, current, row, merged)
    current = begun
    if (written === undefined) continue
    const parked = await parkFields(run, pair, record, row, merged)
    run.tally.conflicts += merged.conflicts
    const isUnsent = hasUnsent(await images(run, written.item), merged)
    const saved = await run.pairs.save(current, {
      intent: undefined,
      remote: { ...end, image: merged.remoteImage },
      local: { id: local.id, version: isUnsent ? undefined : written.version, image: merged.localImage },
      parked,
      chosen: undefined,
      newest: undefined,
      seenAt: changed ? at : pair.seenAt,
    })
    return isUnsent ? { pair: saved, unsent: written } : { pair: saved }
  }
  await defer(run, pair.key, run.now())
  return { pair: await withoutIntent(run, current) }
}

/** Pairs a record with a row, and merges both. A later read may not show the record yet, so the time of this one is saved first. */
export async function pairWithRow(
  run: Run,
  pair: Pair,
  record: RemoteRecord,
  localId: string,
  at: number,
  changes: Partial<PairRecord> = {},
): Promise<Taken> {
  const { seenAt: seenBefore = 0 } = pair
  const paired = await run.pairs.save(pair, {
    ...changes,
    remote: { id: record.id, image: {} },
    local: { id: localId, image: {} },
    seenAt: Math.max(seenBefore, at),
  })
  const taken = await takeRemote(run, paired, record, { at, forced: true, seenBefore })
  if (taken.stale !== undefined) await deferUntilSettled(run, paired)
  return taken
}

const withoutIntent = async (run: Run, pair: Pair): Promise<Pair> =>
  pair.intent === undefined ? pair : run.pairs.save(pair, { intent: undefined })

async function readAgain(run: Run, pair: Pair, id: string, forced: boolean): Promise<Taken> {
  const at = run.now()
  const current = await run.remote.get(id, { signal: run.signal })
  return isAnswer(current) ? { pair } : takeRemote(run, pair, current, { at, forced })
}

/** Returns whether a record is what this sync has seen of it, parked values included. */
export async function isKnown(run: Run, { remote, parked }: Pair, record: RemoteRecord): Promise<boolean> {
  const seen = Object.fromEntries(Object.entries(parked ?? {}).map(([field, digests]) => [field, digests.remote]))
  return !differs(await images(run, record.item), { ...remote?.image, ...seen })
}

/**
 * Returns whether a read may still show the state before the last known change, because `settleMs` had not passed.
 * @param at when the read was sent
 */
export const isSettling = (run: Run, { seenAt = 0 }: Pair, at = run.now()): boolean => at < seenAt + run.settleMs

/**
 * Looks at the record again once the provider has settled. What was reported just now is certain to show `settleMs` from now,
 * which may be later than `settleMs` after the last write.
 */
export const deferUntilSettled = (run: Run, pair: Pair, remoteId?: string): Promise<void> =>
  defer(run, pair.key, isSettling(run, pair) ? run.now() + run.settleMs : run.now(), remoteId)

const hasUnsent = (ours: Images, { localImage, parked }: Merged): boolean =>
  Object.entries(ours).some(([field, digest]) => digest !== localImage[field] && parked[field] === undefined)

/** Writes the merged fields into the row. Returns the row after it, or no row if it changed meanwhile. */
async function writeLocal(
  run: Run,
  pair: Pair,
  row: ReplicaRecord,
  { toLocal, overwritten }: Merged,
): Promise<{ readonly pair: Pair; readonly row?: ReplicaRecord }> {
  await keepOverwritten(run, pair, overwritten)
  if (Object.keys(toLocal).length === 0) return { pair, row }
  const single = Object.fromEntries(Object.entries(toLocal).filter(([field]) => !run.sets.has(field)))
  const begun = await run.pairs.save(pair, { intent: { kind: 'update_local', sent: await images(run, single) } })
  const item = { ...row.item, ...toLocal }
  const key = `${pair.key}.${pair.life}`
  const put = await run.replica.put({ id: pair.local?.id, key, item, ifVersion: row.version })
  if ('conflict' in put) return { pair: begun }
  run.tally.updated.local++
  return { pair: begun, row: { ...row, item, version: put.version } }
}

/** Notes the remote record, and sends the own fields on top: for a sync that only sends. */
async function takeForPush(run: Run, pair: Pair, record: RemoteRecord, now: Images, at: number): Promise<Taken> {
  const { remote, local } = pair
  if (remote === undefined || local === undefined) return { pair }
  const { id, version, revision } = record
  const saved = await run.pairs.save(pair, {
    remote: { id, version, revision, image: { ...remote.image, ...now } },
    seenAt: at,
  })
  const row = await run.replica.get(local.id)
  return row !== undefined && differs(await images(run, row.item), local.image)
    ? { pair: saved, unsent: row }
    : { pair: saved }
}

/**
 * Handles a local row that was removed while the remote record lives. Nothing is removed or created again before the round has ended,
 * because a host that has loaded half of its rows looks like this too (I4).
 */
async function localIsGone(
  run: Run,
  pair: Pair,
  record: RemoteRecord,
  changed: boolean,
  { at, final = false }: Reading,
): Promise<Taken> {
  const { options, tally } = run
  if (!final || run.direction !== 'both') {
    await stage(run, pair, 'local')
    // What was seen is applied at the end of the round, which must not fall back to an earlier state.
    const state = record.version ?? Object.values(await images(run, record.item)).join('')
    if (!changed || state === pair.newest?.state) return { pair }
    return { pair: await run.pairs.save(pair, { seenAt: at, newest: { revision: record.revision, state } }) }
  }
  const choice = pair.chosen?.['*'] ?? { edit: 'remote', removal: 'local', park: 'park' }[options.removals ?? 'edit']
  if (changed && choice === 'park') {
    await park(run, pair, 'removed', { fields: { '*': { remote: await seal(run, record.item) } } })
    return { pair }
  }
  if (changed && choice === 'remote') {
    tally.conflicts++
    tally.restored++
    await unparkChoices(run, pair.key)
    return beginCreateLocal(run, pair, record, at, { life: pair.life + 1, chosen: undefined, parked: undefined })
  }
  if (changed) {
    tally.conflicts++
    await keepOverwritten(run, pair, [{ field: '*', side: 'remote', value: record.item }])
  }
  return { pair }
}

/** Seals the values of fields that wait for a decision, and notes that the pair has some. */
async function parkFields(
  run: Run,
  pair: Pair,
  record: RemoteRecord,
  row: ReplicaRecord,
  { parked }: Merged,
): Promise<Pair['parked']> {
  if (Object.keys(parked).length === 0) {
    if (pair.parked !== undefined) await unpark(run, pair.key, 'conflict')
    return undefined
  }
  await park(run, pair, 'conflict')
  const entries = Object.entries(parked).map(async ([field, digests]): Promise<[string, ParkedField]> => {
    if (digests.values !== '') return [field, digests]
    const values = await seal(run, { remote: record.item[field] ?? null, local: row.item[field] ?? null })
    return [field, { ...digests, values }]
  })
  return Object.fromEntries(await Promise.all(entries))
}
