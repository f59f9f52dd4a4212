import { ConnectorError, listAll } from '@mcpclient/core'
import { attempt, forgetFailures } from './attempt.ts'
import { recordChanged, recordRemoved, visit } from './incoming.ts'
import { unreadable } from './intents.ts'
import { scanLocal } from './match.ts'
import { rowChanged } from './outgoing.ts'
import type { Side } from './pairs.ts'
import { deleteAll } from './pending-writes.ts'
import { savePlace } from './place.ts'
import type { Phase, Place, PlaceRecord, Recovery, Round } from './place.ts'
import { isAnswer } from './remote.ts'
import type { RemotePage, RemoteRecord } from './remote.ts'
import { pairKey } from './run.ts'
import type { OpenWork, Run } from './run.ts'
import { applyRemovals, checkBrake, stageAbsent, stageMissingRows } from './sweep.ts'
import { loadUnknowns, retryUnknowns } from './unknown-creates.ts'

const DEFAULT_FULL_EVERY_MS = 24 * 60 * 60 * 1000
/** Local changes between two saved places. */
const BATCH = 100
/** A provider that refuses its own checkpoints or page tokens must not be asked forever. */
const MAX_RESTARTS = 5

/** The part of a round that one run does. */
export interface Slice {
  /** Returns whether the run has to stop; counts a page or a batch. */
  readonly isOver: () => boolean
  readonly confirmRemovals: boolean
}

/** A round with the place it is saved in. */
type Standing = Place & { readonly round: Round }

/**
 * Runs one round, or continues the one that a crash or the end of a slice left. Every step can be repeated, and the
 * checkpoint is committed after all of them (I3).
 */
export async function runRound(run: Run, place: Place, slice: Slice): Promise<void> {
  let at = await openRound(run, place)
  // 1. Finish what was interrupted.
  await loadUnknowns(run)
  if (!(await visitOpen(run, slice))) return
  // 2 to 4. Pull a page, apply it, save the token of the next one.
  if (at.round.phase === 'pull') {
    if (run.direction !== 'push') {
      if (at.round.page === undefined) await scanLocal(run, at.local)
      const pulled = await pullPages(run, at, slice)
      at = pulled.at
      if (!pulled.isDone) return
      await retryUnknowns(run, at.round.startedAt)
    }
    at = await nextPhase(run, at, 'push')
  }
  // 5. Push what the host changed, records that others belong to first.
  for (const [phase, next] of [['push', 'children'] as const, ['children', 'removals'] as const]) {
    if (at.round.phase !== phase) continue
    const pushed = await pushChanges(run, at, phase, slice)
    at = pushed.at
    if (!pushed.isDone) return
    at = await nextPhase(run, at, next)
  }
  // 6. Apply removals, unless there are too many.
  if (!at.round.released) {
    const isComplete = at.round.full && run.direction !== 'push' && (run.remote.traits.completeList ?? true)
    if (isComplete) await stageAbsent(run)
    if (at.local === undefined) await stageMissingRows(run)
    const braked = slice.confirmRemovals ? undefined : await checkBrake(run)
    if (braked !== undefined) {
      // Neither the checkpoint nor the cursor moves, so the next round sees the removals again.
      run.tally.braked = braked
      run.tally.success = false
      await dropRound(run, at)
      return
    }
    at = await saveRound(run, at, { released: true })
  }
  if (!(await applyRemovals(run, slice.isOver))) return
  // 7. Commit.
  await commit(run, at)
}

async function openRound(run: Run, place: Place): Promise<Standing> {
  const { fields } = run.remote.traits
  const { options } = run
  const shape = fields.toSorted().join()
  const now = run.now()
  const fullEveryMs = options.fullEveryMs ?? DEFAULT_FULL_EVERY_MS
  const isListed = run.remote.traits.removals === 'listed' && now - (place.fullAt ?? -Infinity) >= fullEveryMs
  const hasNewFields = place.fields !== shape
  const { round } = place
  if (round !== undefined && !hasNewFields) {
    run.tally.recovered = round.recovered
    // The list of an interrupted run that saved no page is another one than the list of this run: what only that one
    // contained must not count as seen.
    if (round.phase === 'pull' && round.page === undefined) return beginRound(run, place, round.full, round.recovered)
    run.round = round
    run.seenIn = round.id
    run.staged = true
    return { ...place, round }
  }
  const recovered: Recovery | undefined = hasNewFields && place.rounds > 0 ? 'changed_fields' : undefined
  return beginRound(run, { ...place, fields: shape }, hasNewFields || isListed || place.since === undefined, recovered)
}

async function beginRound(run: Run, place: Place, full: boolean, recovered?: Recovery): Promise<Standing> {
  const round: Round = { id: place.rounds + 1, startedAt: run.now(), full, phase: 'pull', recovered }
  const saved = await savePlace(run.options, place, { rounds: round.id, round })
  // Not before: the round that is replaced may be the one that another run continues.
  if (place.round !== undefined) await clearStaged(run, place.round.id)
  run.round = round
  run.seenIn = 0
  run.staged = false
  run.tally.recovered = recovered ?? run.tally.recovered
  return { ...saved, round }
}

async function saveRound(run: Run, at: Standing, changes: Partial<Round>): Promise<Standing> {
  const round = { ...at.round, ...changes }
  const saved = await savePlace(run.options, at, { round })
  run.round = round
  return { ...saved, round }
}

const nextPhase = (run: Run, at: Standing, phase: Phase): Promise<Standing> =>
  saveRound(run, at, { phase, page: undefined, local: undefined })

/** Step 1. Returns false if the slice has ended. */
async function visitOpen(run: Run, slice: Slice): Promise<boolean> {
  const { store, prefix } = run.options
  const open = `${prefix}/open/`
  for await (const { key: row, value, version } of listAll(store, open)) {
    const work = JSON.parse(value) as OpenWork
    if (work.due > run.now()) continue
    const key = row.slice(open.length)
    const isDone = await attempt(run, key, { remoteId: work.remoteId }, () => visit(run, key, work, version))
    if (isDone && work.failed !== undefined) await forgetFailures(run, key)
    if (slice.isOver()) return false
  }
  return true
}

interface Progress {
  readonly at: Standing
  readonly isDone: boolean
}

async function pullPages(run: Run, from: Standing, slice: Slice): Promise<Progress> {
  let at = from
  let restarts = 0
  let isResumed = at.round.page !== undefined
  for (;;) {
    const readAt = run.now()
    run.seenIn = at.round.id
    const page = await pullPage(run, at, isResumed)
    isResumed = false
    if (page === undefined) {
      if (++restarts > MAX_RESTARTS) throw providerFault('refused several checkpoints and page tokens in a row')
      at = await restart(run, at)
      continue
    }
    run.tally.pages++
    await applyPage(run, page, readAt)
    const { page: next } = page
    if (next !== undefined && next === at.round.page) throw providerFault('returned the same page token twice')
    // The first checkpoint of a round precedes all of its pages; a later one may hide what changed meanwhile.
    at = await saveRound(run, at, { page: next, checkpoint: at.round.checkpoint ?? page.checkpoint })
    if (next === undefined) return { at, isDone: true }
    if (slice.isOver()) return { at, isDone: false }
  }
}

/** Returns undefined if the place is no longer known. */
async function pullPage(run: Run, { since, round }: Standing, isResumed: boolean): Promise<RemotePage | undefined> {
  const place = { since: round.full ? undefined : since, page: round.page, signal: run.signal }
  try {
    const page = await run.remote.pull(place)
    if (isAnswer(page)) return undefined
    if (!Array.isArray(page.changed)) throw notAPage()
    return page
  } catch (error) {
    // A page token that was saved may have ended meanwhile; a provider may reject it like any other bad parameter.
    if (isResumed && ConnectorError.is(error) && error.code === 'MCP_CLIENT_ERROR') return undefined
    throw error
  }
}

/** Begins the round again: from its checkpoint if only the page token is refused, else with everything. */
async function restart(run: Run, at: Standing): Promise<Standing> {
  const { round } = at
  return round.page === undefined
    ? beginRound(run, at, true, 'expired_cursor')
    : beginRound(run, at, round.full, round.recovered ?? 'lost_page')
}

async function applyPage(run: Run, page: RemotePage, readAt: number): Promise<void> {
  run.underWay = undefined
  run.repeated = undefined
  for (const { id, reason } of page.skipped ?? []) {
    run.tally.skipped++
    await attempt(run, keyOf(run, 'remote', id), { remoteId: id }, () => Promise.reject(unreadable(reason)))
    // It fails for a reason of its own, which says nothing about the provider.
    run.failures = 0
  }
  // The last one of an id counts.
  const records = [...new Map(page.changed.map((record) => [record.id, record])).values()]
  const { parent } = run.remote.traits
  const isChild = ({ item }: RemoteRecord): boolean => parent?.(item) !== undefined
  for (const record of [...records.filter((each) => !isChild(each)), ...records.filter(isChild)]) {
    const { id } = record
    await attempt(run, keyOf(run, 'remote', id), { remoteId: id }, () => recordChanged(run, record, readAt))
  }
  for (const id of page.removed ?? []) await recordRemoved(run, id, readAt)
  await run.marks.flush()
}

const keyOf = (run: Run, side: Side, id: string) => async (): Promise<string> =>
  (await run.pairs.entry(side, id))?.key ?? pairKey(run, side, id)

async function pushChanges(run: Run, from: Standing, phase: 'push' | 'children', slice: Slice): Promise<Progress> {
  let at = from
  const { parent } = run.remote.traits
  if (phase === 'children' && parent === undefined) return { at, isDone: true }
  const end = at.round.localEnd
  let cursor = at.round.local ?? at.local
  let count = 0
  const save = async (): Promise<void> => {
    at = await saveRound(
      run,
      at,
      phase === 'push' ? { local: cursor, localEnd: cursor } : { local: cursor, localEnd: end },
    )
  }
  for await (const change of run.replica.changes(cursor)) {
    const isChild = change.item !== null && parent?.(change.item) !== undefined
    if (isChild === (phase === 'children')) {
      const { id } = change
      await attempt(run, keyOf(run, 'local', id), { localId: id }, () => rowChanged(run, change))
    }
    cursor = change.cursor
    if (++count % BATCH !== 0) continue
    await save()
    if (slice.isOver()) return { at, isDone: false }
  }
  if (phase === 'push') at = await saveRound(run, at, { localEnd: cursor })
  return { at, isDone: true }
}

async function commit(run: Run, at: Standing): Promise<void> {
  const { round, ...place } = at
  const { full, checkpoint, localEnd } = round
  const isPulled = run.direction !== 'push'
  const withoutCheckpoint = isPulled && full && checkpoint === undefined ? place.withoutCheckpoint + 1 : 0
  const committed: Partial<PlaceRecord> = {
    since: checkpoint ?? (full ? undefined : place.since),
    local: localEnd ?? place.local,
    fullAt: isPulled && full ? round.startedAt : place.fullAt,
    withoutCheckpoint,
    round: undefined,
  }
  await savePlace(run.options, at, committed)
  await clearStaged(run, round.id)
  run.tally.complete = true
  run.tally.missingCheckpoint = withoutCheckpoint > 1
}

async function dropRound(run: Run, at: Standing): Promise<void> {
  await savePlace(run.options, at, { round: undefined })
  await clearStaged(run, at.round.id)
}

const clearStaged = ({ options: { store, prefix } }: Run, round: number): Promise<void> =>
  deleteAll(store, `${prefix}/d/${round}/`)

const notAPage = (): ConnectorError =>
  new ConnectorError('DATA_TRANSFORMATION_ERROR', 'The response to a sync request is not a page.')

const providerFault = (what: string): ConnectorError => new ConnectorError('MCP_SERVER_ERROR', `The provider ${what}.`)
