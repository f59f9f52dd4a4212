import { ConnectorError } from '@mcpclient/core'
import type { Version } from '@mcpclient/core'
import { isParked } from './attempt.ts'
import type { Images } from './images.ts'
import { claimCreated } from './created-twice.ts'
import type { Claim } from './created-twice.ts'
import { forgetCreate, hasOnlyKeys, noteCreate } from './creates-under-way.ts'
import { linkChild, waitForRow } from './local-writes.ts'
import type { Taken } from './local-writes.ts'
import type { Intent, Pair, PairRecord } from './pairs.ts'
import { park } from './parked.ts'
import { isAnswer } from './remote.ts'
import type { Fields, RemoteRecord } from './remote.ts'
import { noteRepeated } from './repeated-creates.ts'
import type { ReplicaRecord } from './replica.ts'
import { closeWork, declared, defer, images, openWork, reportUnknown, seal, unseal } from './run.ts'
import type { Run } from './run.ts'
import { deferUntilSettled, takeRemote } from './take-remote.ts'

type CreateIntent = Extract<Intent, { kind: 'create_remote' }>

/**
 * The time that another run may take between its intent and the provider's response. Without ids from the client, a create is
 * not repeated earlier.
 */
export const IN_FLIGHT_MS = 5 * 60 * 1000

/** Marks a record at the provider as the creation of one life of one pair. */
export const markerOf = ({ key, life }: Pick<Pair, 'key' | 'life'>): string => `${key}.${life}`

/** Creates the remote record of a local row. The intent precedes the write and holds what every retry sends (I5). */
export async function beginCreateRemote(
  run: Run,
  pair: Pair,
  localId: string,
  row: ReplicaRecord,
  changes: Partial<PairRecord> = {},
): Promise<Taken> {
  const next: Pair = { ...pair, ...changes }
  const item = sendable(run, row.item)
  const id = run.remote.newId?.(await run.options.keys.digest('id', markerOf(next)))
  const opened = await openWork(run, pair.key)
  await noteCreate(run, pair.key)
  // The index precedes the create, so a page that already shows the record finds its pair.
  if (id !== undefined) await run.pairs.claim('remote', id, pair.key, run.seenIn)
  const intent: CreateIntent = { kind: 'create_remote', at: run.now(), id, item: await seal(run, item) }
  const begun = await run.pairs.save(pair, {
    ...changes,
    remote: undefined,
    local: { id: localId, version: row.version, image: await images(run, row.item) },
    // A read may show the record that this one replaces for as long as `settleMs`.
    seenAt: pair.remote ? run.now() : pair.seenAt,
    intent,
  })
  return sendCreate(run, begun, intent, opened, { isFirst: true })
}

/**
 * Finishes a create that was interrupted: looks by id or by marker first, and sends exactly what the intent says if there
 * is nothing. With an idempotency key, sending it again is safe. Otherwise its outcome stays unknown, and it is parked.
 */
export async function retryCreateRemote(run: Run, pair: Pair, intent: CreateIntent, opened: Version): Promise<Taken> {
  // Nothing holds back the record of a parked create, so that has another row by now.
  const isAbandoned = intent.abandoned ?? (hasOnlyKeys(run) && (await isParked(run, pair.key)))
  if (isAbandoned && (await run.replica.get(pair.local?.id ?? '')) === undefined) {
    return waitForRow(run, await run.pairs.save(pair, { intent: { ...intent, abandoned: true } }))
  }
  if (intent.id !== undefined || run.remote.newKey !== undefined) {
    // Another run may be sending it for the first time. With this write, a refusal of its request is not certain any more.
    return sendCreate(run, await run.pairs.save(pair, {}), intent, opened)
  }
  if (run.remote.find === undefined) return markUnknown(run, pair, intent)
  const due = intent.at + Math.max(run.settleMs, IN_FLIGHT_MS)
  if (run.now() < due) {
    await defer(run, pair.key, due)
    return { pair }
  }
  const at = run.now()
  const found = await run.remote.find(markerOf(pair), { signal: run.signal })
  if (found !== undefined) return adopt(run, pair, intent, found, at, opened)
  const again = { ...intent, at: run.now() }
  return sendCreate(run, await run.pairs.save(pair, { intent: again }), again, opened)
}

async function sendCreate(
  run: Run,
  pair: Pair,
  intent: CreateIntent,
  opened: Version,
  { isFirst = false } = {},
): Promise<Taken> {
  if (run.remote.create === undefined) return { pair }
  const item = (await unseal(run, intent.item)) as Fields
  const { signal } = run
  const marker = markerOf(pair)
  const idempotencyKey = run.remote.newKey?.(await run.options.keys.digest('id', marker))
  const call = { id: intent.id, idempotencyKey, marker, signal }
  const created = await run.remote.create(toSend(item), call).catch(async (error: unknown) => {
    // Only the first try is certain: a later one may be refused because an earlier one succeeded.
    const isRefused = isFirst && ConnectorError.is(error) && error.details.outcome === 'not_processed'
    if (isRefused) await run.pairs.save(pair, { intent: { ...intent, refused: true } })
    throw error
  })
  const isRepeated = !isFirst && idempotencyKey !== undefined
  if (!isAnswer(created) && !isRepeated) return land(run, pair, intent, created, opened)
  const id = intent.id ?? (isAnswer(created) ? undefined : created.id)
  // The key belongs to another content, which an earlier try may have sent.
  if (id === undefined && idempotencyKey !== undefined) return markUnknown(run, pair, { ...intent, otherItem: true })
  if (id === undefined) {
    throw new ConnectorError('DATA_TRANSFORMATION_ERROR', 'The provider reported an existing id for a new record.', {
      outcome: 'unknown',
    })
  }
  if (isRepeated && !isAnswer(created)) await noteRepeated(run, marker, item, created.item)
  // An earlier try may have created it. It is read, because a repeated key may return the response to that try.
  const at = run.now()
  const found = await run.remote.get(id, { signal })
  const otherItem = isFirst && isAnswer(created)
  if (!isAnswer(found)) return adopt(run, pair, otherItem ? { ...intent, otherItem } : intent, found, at, opened)
  // It was created, and either removed since or not readable yet.
  const claim = await claimCreated(run, pair, intent, id)
  if (claim.kind !== 'claimed') return unclaimed(run, claim)
  const remote = { id, image: await images(run, item) }
  const saved = await run.pairs.save(claim.pair, { intent: undefined, remote, seenAt: run.now() })
  run.tally.finished++
  await forgetCreate(run, pair.key)
  await deferUntilSettled(run, saved)
  return { pair: saved }
}

/** Records a create that succeeded. The image holds the provider's spelling, and only of what was sent (I2). */
async function land(
  run: Run,
  pair: Pair,
  intent: CreateIntent,
  created: RemoteRecord,
  opened: Version,
): Promise<Taken> {
  const seenAt = run.now()
  const { id, version, revision } = created
  // A page showed it first, or the same create was sent before the state of this sync was removed.
  const isOwn = await run.pairs.claim('remote', id, pair.key, run.seenIn)
  if (!isOwn) return adopt(run, pair, intent, created, seenAt, opened)
  const item = (await unseal(run, intent.item)) as Fields
  const saved = await run.pairs.save(pair, {
    intent: undefined,
    remote: { id, version, revision, image: await spelledImage(run, item, created.item) },
    parent: run.remote.traits.parent?.(created.item),
    seenAt,
  })
  run.tally.created.remote++
  await forgetCreate(run, pair.key)
  await linkChild(run, saved)
  const taken = await takeRemote(run, saved, created, { at: seenAt, response: true })
  if (taken.unsent === undefined) await closeWork(run, pair.key, opened)
  return taken
}

/**
 * Returns the images of what was sent, in the spelling of the response. A set keeps the image of what was sent: an element
 * that only the response has may come from another writer.
 */
export async function spelledImage(run: Run, sent: Fields, response: Fields): Promise<Images> {
  const asSent = await images(run, sent)
  const asStored = await images(run, response)
  return Object.fromEntries(
    Object.entries(asSent).map(([field, digest]) => [
      field,
      run.sets.has(field) ? digest : (asStored[field] ?? digest),
    ]),
  )
}

/**
 * Pairs a record that an earlier try created. Both images are those of the intent: what differs from them may be the
 * provider's spelling or an edit, and is treated as an edit.
 */
export async function adopt(
  run: Run,
  pair: Pair,
  intent: CreateIntent,
  found: RemoteRecord,
  at: number,
  opened?: Version,
): Promise<Taken> {
  const claim = await claimCreated(run, pair, intent, found.id)
  if (claim.kind !== 'claimed') return unclaimed(run, claim)
  const { seen } = claim
  const seenBefore = seen?.at ?? pair.seenAt ?? 0
  const { local } = claim.pair
  // Without the item that was sent, both sides count as edited.
  const image = intent.otherItem ? {} : await images(run, (await unseal(run, intent.item)) as Fields)
  const saved = await run.pairs.save(claim.pair, {
    intent: undefined,
    remote: { id: found.id, revision: seen?.revision, image },
    local: intent.otherItem && local ? { ...local, image } : local,
    parent: run.remote.traits.parent?.(found.item),
    // A later read may not show it yet.
    seenAt: Math.max(seenBefore, at),
  })
  run.tally.finished++
  await forgetCreate(run, pair.key)
  await linkChild(run, saved)
  const taken = await takeRemote(run, saved, found, { at, forced: true, seenBefore })
  if (taken.stale !== undefined) await deferUntilSettled(run, saved)
  // What the former pair has seen, such as a removal, may not show yet.
  else if (seen !== undefined && run.settleMs > 0) await defer(run, pair.key, run.now() + run.settleMs)
  else if (opened !== undefined && taken.unsent === undefined) await closeWork(run, pair.key, opened)
  return taken
}

/** Handles a record that cannot be claimed. If it was removed together with another row, this row is created again. */
async function unclaimed(run: Run, claim: Exclude<Claim, { kind: 'claimed' }>): Promise<Taken> {
  const { pair } = claim
  if (claim.kind === 'waiting') return { pair }
  run.tally.restored++
  return beginCreateRemote(run, pair, pair.local?.id ?? '', claim.row, { life: pair.life + 1 })
}

/** Parks a create that may have happened. Records that may be it are collected while the next rounds list new ones. */
async function markUnknown(run: Run, pair: Pair, intent: CreateIntent): Promise<Taken> {
  const { store, prefix } = run.options
  await defer(run, pair.key, run.now())
  await store.put(`${prefix}/u/${pair.key}`, '')
  if (intent.unknown) return { pair }
  await park(run, pair, 'unknown')
  reportUnknown(run, pair.key)
  run.unknowns = [...run.unknowns, pair.key]
  return { pair: await run.pairs.save(pair, { intent: { ...intent, unknown: true, candidates: [] } }) }
}

/** Returns the fields that are sent. An emptied field says nothing about a new record. */
const sendable = (run: Run, item: Fields): Fields =>
  Object.fromEntries(Object.entries(declared(run, item)).filter(([field]) => !run.readOnly.has(field)))

const toSend = (item: Fields): Fields => Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null))
