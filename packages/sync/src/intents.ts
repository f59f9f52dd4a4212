import { ConnectorError } from '@mcpclient/core'
import type { Version } from '@mcpclient/core'
import { beginCreateRemote, retryCreateRemote } from './create-remote.ts'
import { createLocal, waitForRow } from './local-writes.ts'
import type { Taken } from './local-writes.ts'
import type { Intent, Pair } from './pairs.ts'
import { differs } from './images.ts'
import type { Images } from './images.ts'
import { isAnswer } from './remote.ts'
import type { RemoteRecord } from './remote.ts'
import { kill, remoteIsGone } from './removals.ts'
import { closeWork, defer, images } from './run.ts'
import type { Run } from './run.ts'
import { deferUntilSettled, isSettling, takeRemote } from './take-remote.ts'

/** Finishes a write that was interrupted. It looks first, and never repeats a write that may have happened (I5). */
export async function finishIntent(run: Run, pair: Pair, intent: Intent, opened: Version): Promise<Taken> {
  if (intent.kind === 'create_remote') {
    return intent.refused === true ? createAgain(run, pair) : retryCreateRemote(run, pair, intent, opened)
  }
  if (intent.kind === 'create_local') return createLocal(run, pair, intent)
  const { remote } = pair
  // Reading the pair finished a write to the host.
  if (intent.kind === 'update_local' || intent.kind === 'remove_local' || remote === undefined) return { pair }
  const at = run.now()
  const record = await run.remote.get(remote.id, { signal: run.signal })
  if (isAnswer(record)) {
    if (record.code === 'unreadable') throw unreadable(record.reason)
    if (intent.kind === 'remove_remote' && isSettling(run, pair, at)) {
      await deferUntilSettled(run, pair)
      return { pair }
    }
    if (intent.kind === 'remove_remote') {
      const dead = await kill(run, pair)
      run.tally.finished++
      await closeWork(run, pair.key, opened)
      return { pair: dead }
    }
    const cleared = await run.pairs.save(pair, { intent: undefined })
    await remoteIsGone(run, cleared, at)
    return { pair: cleared }
  }
  const next = intent.kind === 'update_remote' ? await landedFields(run, pair, record, intent.sent, at) : {}
  const isShown = Object.keys(next).length > 0
  if (intent.kind === 'update_remote' && !isShown && at < intent.at + run.settleMs) {
    // The read may be older than the write. What it shows later would look like an edit of another writer.
    await defer(run, pair.key, intent.at + run.settleMs)
    return { pair }
  }
  run.tally.finished++
  const cleared = await run.pairs.save(pair, { ...next, intent: undefined })
  const taken = await takeRemote(run, cleared, record, { at, forced: true })
  if (taken.stale !== undefined) await deferUntilSettled(run, cleared)
  else if (taken.unsent === undefined) await closeWork(run, pair.key, opened)
  return taken
}

/** Creates the record that the provider refused from the current row, which may have been corrected. */
async function createAgain(run: Run, pair: Pair): Promise<Taken> {
  const localId = pair.local?.id ?? ''
  const row = await run.replica.get(localId)
  return row === undefined ? waitForRow(run, pair) : beginCreateRemote(run, pair, localId, row)
}

/** Advances the images of the fields that hold what the interrupted write sent. */
async function landedFields(
  run: Run,
  { remote, local }: Pair,
  { item, revision, version = '' }: RemoteRecord,
  sent: Images,
  at: number,
): Promise<Partial<Pair>> {
  if (remote === undefined || local === undefined) return {}
  const now = await images(run, item)
  const advanced = (was: Images): Images =>
    Object.fromEntries(
      Object.entries(sent).flatMap(([field, digest]) => {
        if (run.sets.has(field)) return [[field, landedElements(was[field], digest, now[field])]]
        return now[field] === digest ? [[field, digest]] : []
      }),
    )
  const theirs = advanced(remote.image)
  if (!differs(theirs, remote.image)) return {}
  return {
    // A read that does not show them is an older one.
    newest: { revision, state: version },
    seenAt: at,
    remote: { ...remote, image: { ...remote.image, ...theirs } },
    local: { ...local, image: { ...local.image, ...advanced(local.image) } },
  }
}

/** Returns the image of a set with those changes of an interrupted write that the provider shows, beside changes of others. */
function landedElements(was = '', sent = '', now = ''): string {
  const [before, wanted, current] = [was, sent, now].map((image) => new Set(image.split(',').filter(Boolean)))
  const kept = [...(before ?? [])].filter((element) => wanted?.has(element) || current?.has(element))
  const added = [...(wanted ?? [])].filter((element) => current?.has(element))
  return [...new Set([...kept, ...added])].toSorted().join(',')
}

export const unreadable = (reason = 'it does not match the schema.'): ConnectorError =>
  new ConnectorError('DATA_TRANSFORMATION_ERROR', `A record cannot be read: ${reason}`)
