import { createLocal, loadPair, waitForRow } from './local-writes.ts'
import type { Entry, Intent, LocalEnd, Pair } from './pairs.ts'
import { keepOverwritten, unpark } from './parked.ts'
import type { Fields } from './remote.ts'
import type { ReplicaRecord } from './replica.ts'
import { defer, images, openWork, unseal } from './run.ts'
import type { Run } from './run.ts'
import { Superseded } from './superseded.ts'

type CreateIntent = Extract<Intent, { kind: 'create_remote' }>

/** Rows that keep changing are left to a later run. */
const MAX_TRIES = 3

/** The last state of a record that its former pair knew. */
export interface LastSeen {
  readonly at: number | undefined
  readonly revision: number | undefined
}

export type Claim =
  /** The record belongs to the pair. `seen` is present if another pair had it. */
  | { readonly kind: 'claimed'; readonly pair: Pair; readonly seen?: LastSeen }
  /** A row is missing or keeps changing. The end of the round, or the next one, decides. */
  | { readonly kind: 'waiting'; readonly pair: Pair }
  /** The record had another row, and was removed together with it. */
  | { readonly kind: 'removed'; readonly pair: Pair; readonly row: ReplicaRecord }

/**
 * Claims the record that a create returned for the pair of the row. A page may have shown the record before: then another
 * pair has brought it in as a second row, which is absorbed, or has noted its removal.
 */
export async function claimCreated(run: Run, pair: Pair, intent: CreateIntent, id: string): Promise<Claim> {
  const last = intent.twin === undefined ? undefined : await loadPair(run, intent.twin)
  const isBegun = last?.absorbedBy === pair.key
  // A run stopped while it absorbed that pair. The record may be another one by now.
  if (isBegun && !(await absorb(run, pair, last))) return { kind: 'waiting', pair }
  const entry = await run.pairs.entry('remote', id)
  const from = isBegun && entry?.key === last.key ? entry : undefined
  const isFree = await run.pairs.claim('remote', id, pair.key, run.seenIn, from)
  if (isFree) return isBegun ? { kind: 'claimed', pair, seen: lastSeen(last) } : { kind: 'claimed', pair }
  // It was removed or claimed at this moment.
  if (entry === undefined) throw new Superseded()
  const other = await twinOf(run, entry.key)
  const isCopy = !other.dead && other.remote?.id === id
  const seen = lastSeen(other)
  // It was removed before it had a row, or the other pair has another record by now.
  if (!isCopy && !(other.dead && other.local !== undefined)) {
    await moveRecord(run, pair, id, entry)
    return { kind: 'claimed', pair, seen }
  }
  // Precedes every change, so a run that stops here is continued.
  const marked =
    intent.twin === other.key
      ? pair
      : await run.pairs.save(pair, { intent: { ...intent, twin: other.key, twinId: id } })
  if (isCopy) {
    if (!(await absorb(run, marked, other))) return { kind: 'waiting', pair: marked }
    await moveRecord(run, marked, id, entry)
    return { kind: 'claimed', pair: marked, seen }
  }
  const row = await run.replica.get(pair.local?.id ?? '')
  if (row !== undefined) return { kind: 'removed', pair: marked, row }
  await waitForRow(run, marked)
  return { kind: 'waiting', pair: marked }
}

const lastSeen = ({ seenAt, remote }: Pair): LastSeen => ({ at: seenAt, revision: remote?.revision })

/** Loads the pair that has the record. One that another run has not written yet is closed, so that run stops. */
async function twinOf(run: Run, key: string): Promise<Pair> {
  const other = await loadPair(run, key)
  if (other === undefined) return run.pairs.save({ key, stored: null, life: 1 }, { dead: true })
  if (other.intent?.kind !== 'create_local') return other
  return (await createLocal(run, other, other.intent)).pair
}

async function moveRecord(run: Run, pair: Pair, id: string, entry: Entry): Promise<void> {
  if (!(await run.pairs.claim('remote', id, pair.key, run.seenIn, entry))) throw new Superseded()
}

/**
 * Takes the edits from the row of the other pair, and removes it. Every step can be repeated.
 * @returns false if a row is missing or keeps changing: the end of the round, or the next one, decides
 */
async function absorb(run: Run, pair: Pair, twin: Pair): Promise<boolean> {
  let other = twin
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const row = await run.replica.get(pair.local?.id ?? '')
    if (row === undefined) {
      await waitForRow(run, pair)
      return false
    }
    const { local } = other
    const copy = local && (await run.replica.get(local.id))
    // The end of the round decides whether the copy was removed.
    if (local !== undefined && copy === undefined && !other.dead && !other.away) break
    if (copy !== undefined && !(await takeEdits(run, pair, row, local?.image ?? {}, copy))) continue
    if (!other.dead) other = await end(run, other, pair.key)
    if (local === undefined || copy === undefined) return true
    const removed = await run.replica.remove(local.id, copy.version)
    if ('conflict' in removed) continue
    if (removed.removed) run.tally.deleted.local++
    return true
  }
  await defer(run, pair.key, run.now())
  return false
}

/**
 * Settles a record whose pair loses its row before it has absorbed the other one.
 * @returns the pair with the record, or without it if the other row lives and keeps the record
 */
export async function settleTwin(run: Run, pair: Pair): Promise<Pair> {
  const { intent } = pair
  if (intent?.kind !== 'create_remote' || intent.twinId === undefined) return pair
  const { twin: key = '', twinId: id } = intent
  const other = await loadPair(run, key)
  const entry = await run.pairs.entry('remote', id)
  const isTheirs = entry?.key === key || entry?.key === pair.key
  if (entry === undefined || other?.absorbedBy !== pair.key || !isTheirs) return pair
  const { local } = other
  if (local === undefined || (await run.replica.get(local.id)) === undefined) {
    await moveRecord(run, pair, id, entry)
    const image = await images(run, (await unseal(run, intent.item)) as Fields)
    return run.pairs.save(pair, { intent: undefined, remote: { id, image }, seenAt: other.seenAt })
  }
  await moveRecord(run, other, id, entry)
  await openWork(run, key)
  const changes = { dead: undefined, absorbedBy: undefined, revived: true, life: other.life + 1 }
  await run.pairs.save(other, { ...changes, remote: { id, image: {} } })
  return pair
}

/** Ends the other pair. A change of its row does not revive it while it is absorbed. */
async function end(run: Run, other: Pair, absorbedBy: string): Promise<Pair> {
  const ended = await run.pairs.save(other, {
    dead: true,
    absorbedBy,
    remote: undefined,
    intent: undefined,
    parked: undefined,
    chosen: undefined,
    newest: undefined,
  })
  await unpark(run, other.key, 'conflict', 'removed', 'failing', 'unreadable')
  return ended
}

/**
 * Writes what was edited in the copy into the row, where it is sent from. A field that was edited in both keeps its value,
 * and the other one stays in `parked()`.
 * @param was the images of the copy as this sync last saw it
 * @returns false if the row changed meanwhile
 */
async function takeEdits(
  run: Run,
  pair: Pair,
  row: ReplicaRecord,
  was: LocalEnd['image'],
  copy: ReplicaRecord,
): Promise<boolean> {
  const mine = await images(run, row.item)
  const theirs = await images(run, copy.item)
  const edited = Object.keys(theirs).filter(
    (field) => theirs[field] !== was[field] && theirs[field] !== mine[field] && !run.readOnly.has(field),
  )
  const taken = edited.filter((field) => mine[field] === pair.local?.image[field])
  const lost = edited.filter((field) => !taken.includes(field))
  await keepOverwritten(
    run,
    pair,
    lost.map((field) => ({ field, side: 'local', value: copy.item[field] })),
  )
  run.tally.conflicts += lost.length
  if (taken.length === 0) return true
  const item = { ...row.item, ...Object.fromEntries(taken.map((field) => [field, copy.item[field]])) }
  const key = `${pair.key}.${pair.life}`
  const put = await run.replica.put({ id: pair.local?.id, key, item, ifVersion: row.version })
  if ('conflict' in put) return false
  run.tally.updated.local++
  return true
}
