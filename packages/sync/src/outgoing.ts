import { beginCreateRemote } from './create-remote.ts'
import { finishIntent } from './intents.ts'
import { loadPair } from './local-writes.ts'
import type { Taken } from './local-writes.ts'
import type { Entry, Pair } from './pairs.ts'
import { pushUnsent } from './push-local.ts'
import { isAnswer } from './remote.ts'
import type { ReplicaChange } from './replica.ts'
import { openWork, pairKey } from './run.ts'
import type { Run } from './run.ts'
import { stage } from './staged.ts'
import { pairWithRow } from './take-remote.ts'

/** Sends a change of the host. The row is read again, because the feed may show an earlier state of it. */
export async function rowChanged(run: Run, change: ReplicaChange): Promise<void> {
  const entry = await run.pairs.entry('local', change.id)
  const pair = (entry && (await loadPair(run, entry.key))) ?? (await pairOfKey(run, change))
  if (pair === undefined) {
    if (change.item !== null) await pushUnsent(run, await newRow(run, change.id, entry))
    return
  }
  if (await isAbsorbed(run, pair)) return
  if (pair.intent === undefined) return pairedRow(run, pair, change, entry)
  const taken = await finishIntent(run, pair, pair.intent, await openWork(run, pair.key))
  await pushUnsent(run, taken)
  const next = await loadPair(run, pair.key)
  if (next?.intent === undefined && next !== undefined) await pairedRow(run, next, change, entry)
}

/** Returns whether another pair is taking the edits of the row before it removes it. */
async function isAbsorbed(run: Run, { key, absorbedBy }: Pair): Promise<boolean> {
  const by = absorbedBy === undefined ? undefined : await loadPair(run, absorbedBy)
  return by?.intent?.kind === 'create_remote' && by.intent.twin === key
}

/** Handles a row that this sync created in a run that was interrupted before it noted the id. */
async function pairOfKey(run: Run, { key }: ReplicaChange): Promise<Pair | undefined> {
  if (key === undefined) return undefined
  const [pairKey = '', life] = key.split('.')
  const pair = await loadPair(run, pairKey)
  return pair?.intent?.kind === 'create_local' && String(pair.life) === life ? pair : undefined
}

async function pairedRow(run: Run, pair: Pair, change: ReplicaChange, entry: Entry | undefined): Promise<void> {
  const { id, version, item } = change
  const isCurrent = pair.local?.id === id
  // The echo of this sync's own write.
  if (isCurrent && !pair.dead && item !== null && version === pair.local?.version) return
  const row = await run.replica.get(id)
  if (!isCurrent) {
    if (row !== undefined && entry !== undefined) await pushUnsent(run, await formerRow(run, id, pair, entry))
    return
  }
  if (pair.dead) {
    if (row !== undefined) await pushUnsent(run, await revive(run, pair, id))
    return
  }
  if (row !== undefined) {
    const current = pair.away ? await run.pairs.save(pair, { away: undefined }) : pair
    await pushUnsent(run, { pair: current, unsent: row })
    return
  }
  if (item === null && !pair.away) await stage(run, pair, 'local')
}

/** Creates an unknown row at the provider. */
async function newRow(run: Run, id: string, entry?: Entry, key?: string): Promise<Taken> {
  const chosen = key ?? entry?.key ?? (await pairKey(run, 'local', id))
  const pair: Pair = { key: chosen, stored: null, life: 1 }
  if (run.direction === 'pull') return { pair }
  if (run.remote.create === undefined) {
    run.tally.skipped++
    return { pair }
  }
  const row = await run.replica.get(id)
  const from = key === undefined ? undefined : entry
  if (row === undefined || !(await run.pairs.claim('local', id, chosen, 0, from))) return { pair }
  return beginCreateRemote(run, pair, id, row)
}

/** Handles a restored row that its pair no longer uses: it is a new record. */
async function formerRow(run: Run, id: string, pair: Pair, entry: Entry): Promise<Taken> {
  const key = await pairKey(run, 'local', `${id} ${pair.key} ${pair.life}`)
  return newRow(run, id, entry, key)
}

/** Handles a restored row that both sides had removed. */
async function revive(run: Run, pair: Pair, id: string): Promise<Taken> {
  const { remote, life } = pair
  const row = await run.replica.get(id)
  if (row === undefined || run.direction === 'pull' || run.remote.create === undefined) return { pair }
  const changes = { dead: undefined, revived: true, away: undefined, life: life + 1 }
  const at = run.now()
  const record = remote && (await run.remote.get(remote.id, { signal: run.signal }))
  if (remote === undefined || record === undefined || isAnswer(record)) {
    return beginCreateRemote(run, pair, id, row, changes)
  }
  return pairWithRow(run, pair, record, id, at, changes)
}
