import { listAll } from '@mcpclient/core'
import { attempt } from './attempt.ts'
import { finishRemoval } from './finish-removal.ts'
import type { Brake } from './result.ts'
import { readEntry } from './pairs.ts'
import { loadPair } from './local-writes.ts'
import type { Pair, Side } from './pairs.ts'
import { pendingWrites } from './pending-writes.ts'
import { defer } from './run.ts'
import type { Run } from './run.ts'
import { isStaged, stagedRemovals, stagedRow } from './staged.ts'
import type { Removal, StagedRemoval } from './staged.ts'
import { deferUntilSettled, isSettling } from './take-remote.ts'

const DEFAULT_BRAKE = { share: 0.2, atLeast: 10 }

/** Stages what a complete list did not contain. The provider is asked about each before it is believed (I4). */
export const stageAbsent = (run: Run): Promise<void> =>
  stageWhere(run, 'remote', 'absent', async (pair) => {
    if (!isSettling(run, pair)) return !(await isStaged(run, pair.key))
    await deferUntilSettled(run, pair)
    return false
  })

/** Stages the pairs whose row is gone. A feed that begins again lists what exists, and no removals. */
export const stageMissingRows = (run: Run): Promise<void> =>
  stageWhere(run, 'local', 'local', async (_, id) => (await run.replica.get(id)) === undefined)

/** Stages the live pairs of an index that the round did not see, if they are gone. */
async function stageWhere(
  run: Run,
  side: Side,
  removal: Removal,
  isGone: (pair: Pair, id: string) => Promise<boolean>,
): Promise<void> {
  const { store, prefix, keys } = run.options
  const staged = pendingWrites(store)
  for await (const { key: row, value, version } of listAll(store, `${prefix}/${side === 'remote' ? 'r' : 'l'}/`)) {
    const { key, seen } = readEntry(value, version)
    if (seen === run.round.id) continue
    const pair = await loadPair(run, key)
    const end = pair?.[side]
    if (pair === undefined || end === undefined || pair.dead || pair.away || pair.intent !== undefined) continue
    // An entry of an id that the pair no longer uses.
    if (!row.endsWith(`/${await keys.digest(side, end.id)}`)) continue
    if (await isGone(pair, end.id)) await staged.add(await stagedRow(run, pair, removal))
  }
  await staged.flush()
}

/** Returns the side that would lose too many records, if there is one. Guards both directions (I4). */
export async function checkBrake(run: Run): Promise<Brake | undefined> {
  const { store, prefix, brake = DEFAULT_BRAKE } = run.options
  if (brake === 'off') return undefined
  const counts = { local: 0, remote: 0 }
  for await (const { removal } of stagedRemovals(run)) {
    if (removal !== 'local') counts.local++
    if (removal === 'local' || removal === 'both') counts.remote++
  }
  const most = Math.max(counts.local, counts.remote)
  if (most <= brake.atLeast) return undefined
  let of = 0
  for await (const { value } of listAll(store, `${prefix}/m/`)) if (!value.includes('"dead":true')) of++
  if (most <= Math.max(brake.atLeast, brake.share * of)) return undefined
  return { side: counts.local === most ? 'local' : 'remote', removals: most, of }
}

/**
 * Another run saw the record after the read that reported it as removed, or wrote its pair meanwhile: of two reads at
 * once, the one that was sent later may be the older one.
 */
const isDoubtful = ({ seenAt = 0, stored }: Pair, staged: StagedRemoval): boolean =>
  seenAt >= staged.at || stored !== staged.stored

/** Applies a staged removal. One that the provider reported is checked there if it is doubtful. */
async function applyRemoval(run: Run, pair: Pair, staged: StagedRemoval): Promise<void> {
  const { removal, key } = staged
  const isReported = removal === 'remote' || removal === 'both'
  if (!isReported || !isDoubtful(pair, staged)) return finishRemoval(run, pair, removal)
  if (removal === 'remote') return finishRemoval(run, pair, 'absent')
  await finishRemoval(run, pair, 'local')
  // What was read may be older than the report.
  const isOver = (await loadPair(run, key))?.dead ?? false
  if (!isOver && run.settleMs > 0) await defer(run, key, run.now() + run.settleMs)
}

/**
 * Applies the staged removals of a round that has ended, records that belong to others first.
 * @param isOver returns whether the slice has ended
 * @returns false if removals are left
 */
export async function applyRemovals(run: Run, isOver: () => boolean): Promise<boolean> {
  const { parent } = run.remote.traits
  for (const pass of parent === undefined ? ['all'] : ['children', 'all']) {
    for await (const staged of stagedRemovals(run)) {
      const { row, key, life } = staged
      const pair = await loadPair(run, key)
      if (pass === 'children' && pair?.parent === undefined) continue
      // A create that waits for its row has no other end if that was removed.
      const isOpen = pair?.intent !== undefined && pair.intent.kind !== 'create_remote'
      if (pair?.life === life && !pair.dead && !isOpen) {
        const ids = { remoteId: pair.remote?.id, localId: pair.local?.id }
        await attempt(run, key, ids, () => applyRemoval(run, pair, staged))
      }
      await run.options.store.delete(row)
      if (isOver()) return false
    }
  }
  return true
}
