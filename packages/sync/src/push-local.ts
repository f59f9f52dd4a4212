import { ConnectorError } from '@mcpclient/core'
import { spelledImage } from './create-remote.ts'
import type { Images } from './images.ts'
import type { Taken } from './local-writes.ts'
import type { Pair } from './pairs.ts'
import { isAnswer } from './remote.ts'
import type { Fields, RemoteAnswer, RemoteCode, RemoteRecord } from './remote.ts'
import type { ReplicaRecord } from './replica.ts'
import { remoteIsGone } from './removals.ts'
import { closeWork, images, isFailing, openWork } from './run.ts'
import type { Run } from './run.ts'
import { deferUntilSettled, isKnown, takeRemote } from './take-remote.ts'

/** Limits of one run for a record that changes meanwhile: how often it is sent, and how often it is read. */
const MAX_CONFLICTS = 2
const MAX_STEPS = 6

interface Pushed extends Taken {
  /** The provider refused the write, because the record had another version. */
  readonly isConflict?: boolean | undefined
}

/** Sends what a step has left to be sent, unless the record fails: then its next try does. */
export async function pushUnsent(run: Run, { pair, unsent }: Taken): Promise<void> {
  if (unsent !== undefined && !(await isFailing(run, pair.key))) await pushLocal(run, pair, unsent)
}

/** Sends the changed fields of a local row, and whatever a merge on the way leaves to be sent. */
export async function pushLocal(run: Run, pair: Pair, row: ReplicaRecord): Promise<Pair> {
  let pushed: Pushed = { pair, unsent: row }
  let conflicts = 0
  for (let steps = 0; pushed.unsent !== undefined; steps++) {
    if (conflicts === MAX_CONFLICTS || steps === MAX_STEPS) throw changedAgain()
    pushed = await pushOnce(run, pushed.pair, pushed.unsent)
    if (pushed.isConflict) conflicts++
  }
  return pushed.pair
}

async function pushOnce(run: Run, pair: Pair, row: ReplicaRecord): Promise<Pushed> {
  const { remote, local } = pair
  if (run.direction === 'pull' || pair.dead || pair.away || pair.intent !== undefined) return { pair }
  if (remote === undefined || local === undefined) return { pair }
  const now = await images(run, row.item)
  const lacksVersion = run.remote.traits.conditionalWrites && remote.version === undefined
  const fields = fieldsToSend(run, pair, now)
  if (!mustMerge(run, pair, now) && !(lacksVersion && fields.length > 0)) {
    return fields.length === 0 ? { pair } : sendUpdate(run, pair, row, now, fields)
  }
  const read = await readFirst(run, pair, row)
  if ('taken' in read) return read.taken
  if (read.moved) return { pair: read.pair, unsent: await run.replica.get(local.id) }
  const still = fieldsToSend(run, read.pair, now)
  return still.length === 0 ? { pair: read.pair } : sendUpdate(run, read.pair, row, now, still)
}

const changedFields = ({ local }: Pair, now: Images): readonly string[] =>
  Object.keys(now).filter((field) => now[field] !== local?.image[field])

const fieldsToSend = ({ readOnly }: Run, pair: Pair, now: Images): readonly string[] =>
  changedFields(pair, now).filter((field) => !readOnly.has(field) && pair.parked?.[field] === undefined)

/** Returns the fields to send. A read-only field has to be restored, and a parked one waits for a decision unless its local value changed again. */
const mustMerge = ({ readOnly }: Run, pair: Pair, now: Images): boolean =>
  changedFields(pair, now).some((field) => readOnly.has(field)) ||
  Object.entries(pair.parked ?? {}).some(([field, { local }]) => now[field] !== undefined && now[field] !== local)

/** Reads the remote record before a write, and merges what changed. */
async function readFirst(
  run: Run,
  pair: Pair,
  row: ReplicaRecord,
): Promise<{ readonly taken: Taken } | { readonly pair: Pair; readonly moved: boolean }> {
  const at = run.now()
  const record = await run.remote.get(pair.remote?.id ?? '', { signal: run.signal })
  if (isAnswer(record)) return { taken: await recordIsMissing(run, pair, record, at) }
  const taken = await takeRemote(run, pair, record, { at, forced: true })
  if (taken.stale !== undefined) return { taken: await waitForFresh(run, taken) }
  const { pair: next } = taken
  // A local row that the merge changed, or that is not to be sent any more, is looked at again.
  const moved = taken.unsent?.version !== row.version
  return { pair: next, moved }
}

async function sendUpdate(
  run: Run,
  pair: Pair,
  row: ReplicaRecord,
  now: Images,
  fields: readonly string[],
): Promise<Pushed> {
  const { remote, local } = pair
  if (remote === undefined || local === undefined || run.remote.update === undefined) return { pair }
  const { signal, tally } = run
  const changes = Object.fromEntries(fields.map((field) => [field, row.item[field]]))
  const sent = Object.fromEntries(fields.map((field) => [field, now[field] ?? '']))
  const opened = await openWork(run, pair.key)
  const begun = await run.pairs.save(pair, { intent: { kind: 'update_remote', at: run.now(), sent } })
  const { conditionalWrites } = run.remote.traits
  let before: Fields | undefined
  if (!conditionalWrites || fields.some((field) => run.sets.has(field))) {
    const compared = await compareBeforeWrite(run, begun)
    if ('instead' in compared) return compared.instead
    before = compared.current
  }
  if (!conditionalWrites) tally.unconditional++
  const version = conditionalWrites ? remote.version : undefined
  const answer = await run.remote.update(remote.id, changes, { version, item: row.item, current: before, signal })
  if (!isAnswer(answer)) {
    const seenAt = run.now()
    const saved = await run.pairs.save(begun, {
      intent: undefined,
      // What the provider made of the sent fields; the other ones keep their image and are compared below (I2).
      remote: {
        ...remote,
        version: answer.version,
        revision: answer.revision,
        image: { ...remote.image, ...(await spelledImage(run, changes, answer.item)) },
      },
      local: { ...local, image: { ...local.image, ...sent } },
      seenAt,
    })
    tally.updated.remote++
    const taken = await takeRemote(run, saved, answer, { at: seenAt, response: true })
    if (taken.unsent === undefined) await closeWork(run, pair.key, opened)
    return taken
  }
  const cleared = await run.pairs.save(begun, { intent: undefined })
  if (answer.code === 'gone') return recordIsMissing(run, cleared, answer, run.now())
  const at = run.now()
  const current = await run.remote.get(remote.id, { signal })
  return isAnswer(current) ? recordIsMissing(run, cleared, current, at) : mergeConflict(run, cleared, current, at)
}

/**
 * Compares the record right before it is written: without a condition, a change in between would be overwritten, and a set
 * may be written by element. Returns what happens instead of the write if the record changed.
 */
async function compareBeforeWrite(
  run: Run,
  begun: Pair,
): Promise<{ readonly current: Fields } | { readonly instead: Pushed }> {
  const at = run.now()
  const record = await run.remote.get(begun.remote?.id ?? '', { signal: run.signal })
  if (!isAnswer(record) && (await isKnown(run, begun, record))) return { current: record.item }
  const cleared = await run.pairs.save(begun, { intent: undefined })
  return {
    instead: isAnswer(record)
      ? await recordIsMissing(run, cleared, record, at)
      : await mergeConflict(run, cleared, record, at),
  }
}

/** Merges a record that has another version than the write was based on, and returns what is still to be sent. */
async function mergeConflict(run: Run, pair: Pair, record: RemoteRecord, at: number): Promise<Pushed> {
  const taken = await takeRemote(run, pair, record, { at, forced: true })
  return taken.stale === undefined ? { ...taken, isConflict: true } : waitForFresh(run, taken)
}

/** Handles a read that does not show the last write yet. */
async function waitForFresh(run: Run, { pair }: Taken): Promise<Taken> {
  await deferUntilSettled(run, pair)
  return { pair }
}

/** Handles a record that the provider removed and the host changed: which of them wins is decided at the end of the round. */
async function recordIsMissing(run: Run, pair: Pair, { code }: RemoteAnswer<RemoteCode>, at: number): Promise<Taken> {
  if (code === 'gone') await remoteIsGone(run, pair, at)
  return { pair }
}

const changedAgain = (): ConnectorError =>
  new ConnectorError('MCP_CLIENT_ERROR', 'The record changed at the provider during each write.', {
    outcome: 'not_processed',
    reason: 'changed_again',
  })
