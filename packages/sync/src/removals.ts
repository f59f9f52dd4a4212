import { listAll } from '@mcpclient/core'
import { beginCreateRemote } from './create-remote.ts'
import { settleTwin } from './created-twice.ts'
import { differs } from './images.ts'
import { beginCreateLocal, loadPair } from './local-writes.ts'
import type { Taken } from './local-writes.ts'
import type { Pair } from './pairs.ts'
import { keepOverwritten, park, unpark, unparkChoices } from './parked.ts'
import { isAnswer } from './remote.ts'
import type { RemoteAnswer, RemoteCode, RemoteRecord } from './remote.ts'
import type { ReplicaRecord } from './replica.ts'
import { closeWork, defer, images, openWork, seal } from './run.ts'
import type { Run } from './run.ts'
import { stage } from './staged.ts'
import { deferUntilSettled, isKnown, isSettling, takeRemote } from './take-remote.ts'

/** A row that keeps changing is left to a later run. */
const MAX_TRIES = 3

/** Marks a pair as dead: both sides lost the record. What belongs to it does not outlive it. */
export async function kill(run: Run, pair: Pair): Promise<Pair> {
  const seenAt = run.now()
  const dead = await run.pairs.save(pair, {
    dead: true,
    intent: undefined,
    parked: undefined,
    chosen: undefined,
    seenAt,
  })
  await unparkChoices(run, pair.key)
  await unpark(run, pair.key, 'failing')
  const { remote } = pair
  if (remote === undefined || run.remote.traits.parent === undefined) return dead
  const { store, prefix, keys } = run.options
  for await (const { key } of listAll(store, `${prefix}/c/${await keys.digest('parent', remote.id)}/`)) {
    const child = await loadPair(run, key.slice(key.lastIndexOf('/') + 1))
    if (child?.remote !== undefined && !child.dead && child.intent === undefined) {
      await removeAbsent(run, child, child.remote.id, remote.id)
    }
    await store.delete(key)
  }
  return dead
}

/**
 * Removes the local row of a record if the provider confirms that it does not exist.
 * @param parentId of a record that was removed: one that still belongs to it counts as removed, too
 */
export async function removeAbsent(run: Run, pair: Pair, remoteId: string, parentId?: string): Promise<Taken> {
  const at = run.now()
  const record = await run.remote.get(remoteId, { signal: run.signal })
  if (!isAnswer(record)) {
    const isOrphan = parentId !== undefined && run.remote.traits.parent?.(record.item) === parentId
    if (isOrphan) return removeLocal(run, pair)
    // The read may be older than the list.
    if (run.settleMs > 0) await openWork(run, pair.key, { due: run.now() + run.settleMs })
    return takeRemote(run, pair, record, { at })
  }
  if (record.code === 'unreadable') return { pair }
  if (!isSettling(run, pair, at)) return removeLocal(run, pair)
  await deferUntilSettled(run, pair)
  return { pair }
}

/** Applies a removal at the provider to the host. */
export async function removeLocal(run: Run, pair: Pair): Promise<Taken> {
  const { local } = pair
  if (local === undefined) return { pair: await kill(run, pair) }
  let current = pair
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const row = await run.replica.get(local.id)
    if (row === undefined) return { pair: await kill(run, current) }
    const survivor = await survives(run, current, local.id, row)
    if (survivor !== undefined) return survivor
    current = await run.pairs.save(current, { intent: { kind: 'remove_local' } })
    const removed = await run.replica.remove(local.id, row.version)
    if (!('conflict' in removed)) {
      if (removed.removed) run.tally.deleted.local++
      return { pair: await kill(run, current) }
    }
    current = await run.pairs.save(current, { intent: undefined })
  }
  await defer(run, pair.key, run.now())
  return { pair: current }
}

/** Returns a result if the local row is not removed: the edit wins, is parked, or the plan only sends. */
async function survives(run: Run, pair: Pair, localId: string, row: ReplicaRecord): Promise<Taken | undefined> {
  const { options, tally, direction } = run
  if (direction === 'push') {
    if (options.away !== 'restore') return { pair: await run.pairs.save(pair, { away: true }) }
    tally.restored++
    return beginCreateRemote(run, pair, localId, row, { life: pair.life + 1 })
  }
  if (!differs(await images(run, row.item), pair.local?.image ?? {}, run.readOnly)) return undefined
  tally.conflicts++
  const choice = pair.chosen?.['*'] ?? { edit: 'local', removal: 'remote', park: 'park' }[options.removals ?? 'edit']
  if (direction === 'both' && run.remote.create !== undefined && choice !== 'remote') {
    if (choice === 'park') {
      await park(run, pair, 'removed', { fields: { '*': { local: await seal(run, row.item) } } })
      return { pair }
    }
    tally.restored++
    await unparkChoices(run, pair.key)
    const changes = { life: pair.life + 1, chosen: undefined, parked: undefined }
    return beginCreateRemote(run, pair, localId, row, changes)
  }
  await keepOverwritten(run, pair, [{ field: '*', side: 'local', value: row.item }])
  return undefined
}

/** Applies a removal at the host to the provider, if the record is still what the host has seen. */
export async function removeRemote(run: Run, found: Pair): Promise<Taken> {
  const { options, tally, signal } = run
  if (found.local !== undefined && (await run.replica.get(found.local.id)) !== undefined) {
    return found.remote === undefined ? { pair: found } : compareAgain(run, found, found.remote.id)
  }
  const pair = await settleTwin(run, found)
  const { remote } = pair
  if (remote === undefined) return { pair: await kill(run, pair) }
  if (run.direction === 'pull') {
    if (options.away !== 'restore') return { pair: await run.pairs.save(pair, { away: true }) }
    const at = run.now()
    const record = await run.remote.get(remote.id, { signal })
    if (isAnswer(record)) return missing(run, pair, record, at)
    tally.restored++
    return beginCreateLocal(run, pair, record, at, { life: pair.life + 1 })
  }
  if (run.remote.remove === undefined) {
    tally.skipped++
    return { pair: await run.pairs.save(pair, { away: true }) }
  }

  const { conditionalWrites, conditionalRemovals = conditionalWrites } = run.remote.traits
  let current = pair
  for (let tries = 0; tries < 2; tries++) {
    // Without a version to base it on, the record is compared before it is removed. A parked value of the provider was
    // never seen by the host, whatever the version says.
    const lacksVersion = conditionalRemovals && current.remote?.version === undefined
    if (tries > 0 || lacksVersion || current.parked !== undefined) {
      const at = run.now()
      const record = await run.remote.get(remote.id, { signal })
      if (isAnswer(record)) return missing(run, current, record, at)
      const changed = await editWins(run, current, record, at)
      if ('taken' in changed) return changed.taken
      current = changed.pair
    }
    const opened = await openWork(run, pair.key)
    current = await run.pairs.save(current, { intent: { kind: 'remove_remote', at: run.now() } })
    // Without a condition, it is compared right before.
    const at = run.now()
    const record = conditionalRemovals ? undefined : await run.remote.get(remote.id, { signal })
    if (record !== undefined && isAnswer(record)) {
      return missing(run, await run.pairs.save(current, { intent: undefined }), record, at)
    }
    if (record === undefined || (await isKnown(run, current, record))) {
      if (!conditionalRemovals) tally.unconditional++
      const version = conditionalRemovals ? current.remote?.version : undefined
      const answer = await run.remote.remove(remote.id, { version, signal })
      if (answer?.code !== 'conflict') {
        // What is gone already is removed.
        if (answer === undefined) tally.deleted.remote++
        const dead = await kill(run, current)
        await closeWork(run, pair.key, opened)
        return { pair: dead }
      }
    }
    current = await run.pairs.save(current, { intent: undefined })
  }
  await deferUntilSettled(run, current)
  return { pair: current }
}

/** Both sides lost the record, unless the read may not show the last write yet. */
async function missing(run: Run, pair: Pair, { code }: RemoteAnswer<RemoteCode>, at: number): Promise<Taken> {
  if (code !== 'gone') return { pair }
  if (!isSettling(run, pair, at)) return { pair: await kill(run, pair) }
  await deferUntilSettled(run, pair)
  return { pair }
}

/** Handles a row that is there after all. What the provider changed meanwhile was left for this moment. */
async function compareAgain(run: Run, pair: Pair, remoteId: string): Promise<Taken> {
  const at = run.now()
  const record = await run.remote.get(remoteId, { signal: run.signal })
  const taken: Taken = isAnswer(record) ? { pair } : await takeRemote(run, pair, record, { at, forced: true })
  if (isAnswer(record) || taken.stale !== undefined) await deferUntilSettled(run, pair)
  return taken
}

/** Returns what replaces a removal if the provider's record changed, or the pair with its current version. */
async function editWins(
  run: Run,
  pair: Pair,
  record: RemoteRecord,
  at: number,
): Promise<{ readonly taken: Taken } | { readonly pair: Pair }> {
  const taken = await takeRemote(run, pair, record, { at, forced: true, final: true })
  if (taken.stale !== undefined) {
    await deferUntilSettled(run, pair)
    return { taken }
  }
  const { pair: next } = taken
  if (next.life !== pair.life || next.remote === undefined) {
    // A list that did not contain the record may be newer than this read.
    if (run.settleMs > 0) await defer(run, pair.key, run.now() + run.settleMs)
    return { taken }
  }
  const image = await images(run, record.item)
  const chosen = pair.chosen?.['*']
  const removalWins =
    run.direction === 'push' || chosen === 'local' || (chosen === undefined && run.options.removals === 'removal')
  if (!removalWins && differs(image, pair.remote?.image ?? {})) return { taken }
  const { version, revision } = record
  return {
    pair: await run.pairs.save(next, { remote: { ...next.remote, version, revision, image }, parked: undefined }),
  }
}

/**
 * Stages the removal of a record that the provider reports as gone.
 * @param at when the read was sent
 */
export async function remoteIsGone(run: Run, pair: Pair, at: number): Promise<void> {
  const isDoubtful = pair.revived || run.remote.traits.removals === 'hinted'
  if (isSettling(run, pair, at)) await deferUntilSettled(run, pair)
  else await stage(run, pair, isDoubtful ? 'absent' : 'remote', at)
}
