import { ConnectorError, systemClock } from '@mcpclient/core'
import type { RunOptions, SyncEngineOptions } from './options.ts'
import { createPairs } from './pairs.ts'
import { deleteAll, pendingWrites } from './pending-writes.ts'
import { loadPlace } from './place.ts'
import type { Place } from './place.ts'
import { intercept, isAnswer } from './remote.ts'
import type { Remote } from './remote.ts'
import { emptyTally, failureOf } from './result.ts'
import type { SyncResult, Tally } from './result.ts'
import { runRound } from './round.ts'
import type { Run } from './run.ts'
import { Superseded } from './superseded.ts'

/** Runs one round of a sync, or the part of it that the limits allow. Never rejects: a failure is in the result. */
export async function runSync(options: SyncEngineOptions, limits: RunOptions = {}): Promise<SyncResult> {
  const { store, prefix, clock = systemClock, direction = 'both' } = options
  const tally = emptyTally()
  const startedAt = clock.monotonic()
  try {
    const run = createRun(options, tally, limits.signal)
    const place = (await loadPlace(store, prefix)) ?? newPlace()
    const mayPreview = place.stored === null && direction === 'both' && limits.first !== 'merge'
    if (mayPreview && (await bothHaveRecords(run))) tally.preview = true
    else
      await runRound(run, place, { isOver: sliceOf(options, limits), confirmRemovals: limits.confirmRemovals ?? false })
  } catch (error) {
    if (error instanceof Superseded) {
      tally.superseded = true
    } else {
      tally.success = false
      tally.errors.push(failureOf(ConnectorError.from(error, 'Syncing')))
    }
  }
  tally.timestamp = clock.now()
  tally.durationMs = clock.monotonic() - startedAt
  return tally
}

const newPlace = (): Place => ({ fields: '', rounds: 0, withoutCheckpoint: 0, stored: null })

function createRun(options: SyncEngineOptions, tally: Tally, signal: AbortSignal | undefined): Run {
  const { remote, replica, store, prefix, keys, clock = systemClock, direction = 'both' } = options
  const { readOnly = [], sets = [], settleMs = 0 } = remote.traits
  return {
    options,
    direction,
    remote: counting(remote, tally),
    replica,
    pairs: createPairs(store, prefix, keys),
    signal,
    readOnly: new Set(readOnly),
    sets: new Set(sets),
    settleMs,
    now: () => clock.now(),
    tally,
    round: { id: 0, full: false },
    seenIn: 0,
    staged: false,
    lastStaged: undefined,
    unknowns: [],
    underWay: undefined,
    repeated: undefined,
    reported: new Set(),
    marks: pendingWrites(store),
    failures: 0,
  }
}

/** Returns a function that counts a page or batch and returns whether the run has used up its slice. */
function sliceOf({ clock = systemClock }: SyncEngineOptions, limits: RunOptions): () => boolean {
  const { maxPages = Infinity, maxMs = Infinity } = limits
  const end = clock.monotonic() + maxMs
  let pages = 0
  return () => ++pages >= maxPages || clock.monotonic() >= end || limits.signal?.aborted === true
}

/** Asks the host first, because that costs no request. */
async function bothHaveRecords(run: Run): Promise<boolean> {
  for await (const { item } of run.replica.changes(undefined)) {
    if (item === null) continue
    const page = await run.remote.pull({ signal: run.signal })
    return !isAnswer(page) && page.changed.length > 0
  }
  return false
}

const counting = (remote: Remote, tally: Tally): Remote =>
  intercept(remote, (name, call) => {
    if (name !== 'newId' && name !== 'newKey') tally.requests++
    return call()
  })

/** Removes the whole state of a sync. */
export async function forgetSync({ store, prefix }: Pick<SyncEngineOptions, 'store' | 'prefix'>): Promise<void> {
  await deleteAll(store, `${prefix}/`)
}
