import { adopt, markerOf } from './create-remote.ts'
import { hasOnlyKeys } from './creates-under-way.ts'
import { differs } from './images.ts'
import { hasOpenCreate } from './finish-creates.ts'
import { finishIntent, unreadable } from './intents.ts'
import { beginCreateLocal, loadPair } from './local-writes.ts'
import type { Taken } from './local-writes.ts'
import { matchLocal } from './match.ts'
import type { Entry, Pair } from './pairs.ts'
import { pushLocal, pushUnsent } from './push-local.ts'
import { isAnswer } from './remote.ts'
import type { RemoteRecord } from './remote.ts'
import { remoteIsGone } from './removals.ts'
import { repeatedAt } from './repeated-creates.ts'
import { closeWork, defer, images, isFailing, openWork, pairKey } from './run.ts'
import type { OpenWork, Run } from './run.ts'
import { deferUntilSettled, isSettling, pairWithRow, takeRemote } from './take-remote.ts'
import { noteCandidate } from './unknown-creates.ts'

/**
 * Applies a record to its pair.
 * @param isPage whether a page shows it, which may be older than the read
 */
export async function recordChanged(
  run: Run,
  record: RemoteRecord,
  at: number,
  { isPage = true }: { readonly isPage?: boolean } = {},
): Promise<void> {
  let { entry, own } = await ownerOf(run, record.id)
  const isPaired = own?.remote?.id === record.id && !own.dead
  if (!isPaired && hasOnlyKeys(run)) {
    if (await hasOpenCreate(run)) return hold(run, record, entry, own)
    ;({ entry, own } = await ownerOf(run, record.id))
  }
  const pair = own ?? (await pairOfMarker(run, record))
  if (pair === undefined) {
    // An earlier try may have created it, and a user may have removed it since.
    const createdAt = await repeatedAt(run, record)
    const isDoubtful = createdAt !== undefined && (isPage || at < createdAt + run.settleMs)
    if (!isDoubtful) return pushUnsent(run, await newRecord(run, record, at, entry))
    const key = entry?.key ?? (await pairKey(run, 'remote', record.id))
    return pushUnsent(run, await readAgain(run, { key, stored: null, life: 1 }, key, record, entry))
  }
  if (own === undefined && !isUnfinishedCreate(pair, record)) {
    // Another run may have claimed the record, and not have saved its pair yet.
    const key = entry?.key ?? (await pairKey(run, 'remote', record.id))
    return pushUnsent(run, await readAgain(run, pair, key, record, entry))
  }
  if (entry && run.round.full && run.seenIn > 0 && !pair.dead) {
    await run.marks.add(await run.pairs.mark(record.id, entry, run.seenIn))
  }
  const taken = await pairedRecord(run, pair, record, at, entry)
  if (taken.stale === 'settling') await deferUntilSettled(run, taken.pair)
  return pushUnsent(run, taken)
}

async function ownerOf(
  run: Run,
  id: string,
): Promise<{ readonly entry?: Entry | undefined; readonly own?: Pair | undefined }> {
  const entry = await run.pairs.entry('remote', id)
  return { entry, own: entry && (await loadPair(run, entry.key)) }
}

/**
 * Reads a record again once the provider has settled, in a later run, when it is known whether an open create has made it. An
 * earlier read may not show it yet.
 */
async function hold(run: Run, { id }: RemoteRecord, entry: Entry | undefined, own: Pair | undefined): Promise<void> {
  const isFormer = own !== undefined && own.remote?.id !== id
  const key = isFormer ? await pairKey(run, 'remote', `${id} ${own.key} ${own.life}`) : entry?.key
  await defer(run, key ?? (await pairKey(run, 'remote', id)), run.now() + run.settleMs, id)
}

/** Returns the pair that left its marker on the record. */
async function pairOfMarker(run: Run, { marker }: RemoteRecord): Promise<Pair | undefined> {
  return marker === undefined ? undefined : loadPair(run, marker.split('.')[0] ?? '')
}

/**
 * Returns whether a record is the result of a create that is not finished. Otherwise a user copied the record together with
 * its marker, or an old page shows what an earlier try created and a user removed since.
 */
const isUnfinishedCreate = (pair: Pair, { marker, id }: RemoteRecord): boolean =>
  pair.intent?.kind === 'create_remote' && marker === markerOf(pair) && pair.remote?.id !== id

async function pairedRecord(
  run: Run,
  pair: Pair,
  record: RemoteRecord,
  at: number,
  entry: Entry | undefined,
): Promise<Taken> {
  const { intent } = pair
  if (intent?.kind === 'create_remote') {
    // The run that created it may have stopped between the index and the pair. A former life had another record.
    const isOurs = entry === undefined || pair.life === 1 || intent.id === record.id || record.marker === markerOf(pair)
    if (isOurs) return adopt(run, pair, intent, record, at)
  } else if (intent !== undefined && pair.remote?.id === record.id) {
    const { pair: next, unsent } = await finishIntent(run, pair, intent, await openWork(run, pair.key))
    if (unsent !== undefined) return { pair: next, unsent }
    return next.dead ? { pair: next } : takeRemote(run, next, record, { at })
  }
  if (pair.remote?.id !== record.id && entry !== undefined) {
    // An old page, or the record was restored and is a new one.
    const key = await pairKey(run, 'remote', `${record.id} ${pair.key} ${pair.life}`)
    return readAgain(run, pair, key, record, entry)
  }
  if (pair.dead) return revive(run, pair, record)
  return takeRemote(run, pair, record, { at })
}

/** Pairs an unknown record with an equal local row, or creates a local row. */
async function newRecord(run: Run, record: RemoteRecord, at: number, entry?: Entry, key?: string): Promise<Taken> {
  const chosen = key ?? entry?.key ?? (await pairKey(run, 'remote', record.id))
  const pair: Pair = { key: chosen, stored: null, life: 1 }
  if (run.direction === 'push') return { pair }
  const unknown = await noteCandidate(run, record)
  if (unknown?.intent?.kind === 'create_remote') {
    // Another run may have brought it in.
    const isFree = await run.pairs.claim('remote', record.id, unknown.key, run.seenIn, entry)
    return isFree ? adopt(run, unknown, unknown.intent, record, at) : { pair }
  }
  if (!(await run.pairs.claim('remote', record.id, chosen, run.seenIn, key === undefined ? undefined : entry))) {
    return { pair }
  }
  const localId = await matchLocal(run, record.item, chosen)
  if (localId === undefined) return beginCreateLocal(run, pair, record, at)
  const opened = await openWork(run, chosen, { remoteId: record.id })
  const parent = run.remote.traits.parent?.(record.item)
  const taken = await pairWithRow(run, pair, record, localId, at, { parent })
  if (taken.unsent === undefined) await closeWork(run, chosen, opened)
  return taken
}

/** Reads a record that may come from an old page, and begins a pair for it if it exists. */
async function readAgain(run: Run, pair: Pair, key: string, record: RemoteRecord, entry?: Entry): Promise<Taken> {
  const at = run.now()
  const current = await currentState(run, pair, key, record)
  if (current === undefined) return { pair }
  // Another run may be about to give the record to this create. It stops then, because the pair has changed.
  if (pair.intent?.kind === 'create_remote' && entry?.key === pair.key) await run.pairs.save(pair, {})
  return newRecord(run, current, at, entry, key)
}

/**
 * Handles a record that both sides removed. An old page cannot revive it (I6); the provider itself can. An equal revision
 * proves nothing: a record that left the collection may come back unchanged.
 */
async function revive(run: Run, pair: Pair, record: RemoteRecord): Promise<Taken> {
  const known = pair.remote?.revision
  if (known !== undefined && record.revision !== undefined && record.revision < known) return { pair }
  const at = run.now()
  const current = await currentState(run, pair, pair.key, record)
  if (current === undefined || run.direction === 'push') return { pair }
  const { local, life } = pair
  const changes = { dead: undefined, revived: true, away: undefined, life: life + 1 }
  if (local === undefined || (await run.replica.get(local.id)) === undefined) {
    return beginCreateLocal(run, pair, current, at, changes)
  }
  return pairWithRow(run, pair, current, local.id, at, changes)
}

/**
 * Reads a record that a page shows, because the page may be an old one. Returns the later of the two states. Returns
 * undefined if it does not exist or the two cannot be ordered yet: then it is read once the provider has settled.
 */
async function currentState(
  run: Run,
  pair: Pair,
  key: string,
  record: RemoteRecord,
): Promise<RemoteRecord | undefined> {
  const { id, revision: shown } = record
  const seenAt = Math.max(pair.seenAt ?? 0, (await repeatedAt(run, record)) ?? 0)
  if (isSettling(run, { ...pair, seenAt })) {
    await deferUntilSettled(run, { ...pair, key, seenAt }, id)
    return undefined
  }
  const current = await run.remote.get(id, { signal: run.signal })
  if (!isAnswer(current)) {
    const { revision: read } = current
    if (shown !== undefined && read !== undefined) return shown > read ? record : current
    if (run.settleMs === 0 || !differs(await images(run, record.item), await images(run, current.item))) return current
  }
  if (run.settleMs > 0) await defer(run, key, run.now() + run.settleMs, id)
  return undefined
}

/** Notes that a page reports a record as removed. */
export async function recordRemoved(run: Run, id: string, at: number): Promise<void> {
  const { entry, own: pair } = await ownerOf(run, id)
  if (pair === undefined) return rememberRemoved(run, id, at, entry)
  if (pair.dead || pair.remote?.id !== id) return
  if (pair.intent === undefined) return remoteIsGone(run, pair, at)
  // The run that finishes an interrupted write reads the record. One that is making it does not, so the note is written again.
  if (!(await isFailing(run, pair.key))) await openWork(run, pair.key)
}

/** Remembers the removal of a record that was never seen, because a late page, or one of another run, may still show it. */
async function rememberRemoved(run: Run, id: string, at: number, entry: Entry | undefined): Promise<void> {
  const key = entry?.key ?? (await pairKey(run, 'remote', id))
  if (!(await run.pairs.claim('remote', id, key, 0))) return
  await run.pairs.save({ key, stored: null, life: 1 }, { dead: true, remote: { id, image: {} }, seenAt: at })
}

const push = async (run: Run, { pair, unsent }: Taken): Promise<void> => {
  if (unsent !== undefined) await pushLocal(run, pair, unsent)
}

/** Looks at a record that failed under the key of a pair that no longer has it. */
async function visitFormer(run: Run, id: string): Promise<void> {
  const at = run.now()
  const record = await run.remote.get(id, { signal: run.signal })
  if (!isAnswer(record)) await recordShown(run, record, at)
}

/** Applies a record that a read of its own shows, with what is known of creates by now. */
async function recordShown(run: Run, record: RemoteRecord, at: number): Promise<void> {
  run.underWay = undefined
  run.repeated = undefined
  await recordChanged(run, record, at, { isPage: false })
  await run.marks.flush()
}

/** Looks at a record that an earlier step left open. */
export async function visit(run: Run, key: string, work: OpenWork, opened: string): Promise<void> {
  let pair = await loadPair(run, key)
  const { remoteId } = work
  const isFormer = remoteId !== undefined && !pair?.dead && pair?.remote !== undefined && pair.remote.id !== remoteId
  if (isFormer) await visitFormer(run, remoteId)
  if (pair?.intent !== undefined) {
    const { kind } = pair.intent
    await push(run, await finishIntent(run, pair, pair.intent, opened))
    if (kind !== 'create_local') return closeWork(run, key, opened)
    // Nothing has read the record since, and its removal may have been reported.
    pair = await loadPair(run, key)
  }
  const id = pair?.dead ? work.remoteId : (pair?.remote?.id ?? work.remoteId)
  if (id === undefined || pair?.away) return closeWork(run, key, opened)
  const at = run.now()
  const record = await run.remote.get(id, { signal: run.signal })
  if (isAnswer(record)) {
    if (record.code === 'unreadable') throw unreadable(record.reason)
    if (pair !== undefined && !pair.dead) await remoteIsGone(run, pair, at)
  } else if (pair === undefined || pair.dead || pair.remote?.id !== id) {
    await recordShown(run, record, at)
  } else {
    const taken = await takeRemote(run, pair, record, { at, forced: true })
    if (taken.stale !== undefined) await deferUntilSettled(run, pair)
    await push(run, taken)
  }
  await closeWork(run, key, opened)
}
