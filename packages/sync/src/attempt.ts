import { ConnectorError } from '@mcpclient/core'
import type { ErrorCode } from '@mcpclient/core'
import type { RemoteEnd } from './pairs.ts'
import { park, unpark } from './parked.ts'
import { failureOf } from './result.ts'
import type { Run } from './run.ts'
import { openWork } from './run.ts'
import { Superseded } from './superseded.ts'

/** Failures that concern the connection, not a record: the run stops. */
const STOPPING: readonly ErrorCode[] = [
  'AUTHENTICATION_FAILURE_API',
  'CANCELLED',
  'CIRCUIT_OPEN',
  'CONFIGURATION_ERROR',
  'MCP_AUTHENTICATION_FAILURE',
  'MCP_CONNECTION_ERROR',
  'MCP_RATE_LIMIT_EXCEEDED',
  'PERMISSION_DENIED',
  'QUOTA_EXCEEDED',
  'ROUTING_ERROR',
]
/** So many records in a row have not failed each for a reason of its own. */
const MAX_FAILURES_IN_A_ROW = 5
const PARK_AFTER = 3
const HOUR_MS = 60 * 60 * 1000
const MAX_BACKOFF_MS = 24 * HOUR_MS
const MAX_ERRORS = 100

/**
 * Works on one record. A failure is written down and the record is tried again, so it does not stop the others, and the
 * checkpoint may move past it (I3). After three failures it is parked and tried less often.
 * @param key of the pair; a function is called after a failure only
 * @param ids what the host can find the record by
 * @returns false if it failed
 */
export async function attempt(
  run: Run,
  key: string | (() => Promise<string>),
  ids: { readonly remoteId?: string | undefined; readonly localId?: string | undefined },
  work: () => Promise<void>,
): Promise<boolean> {
  run.tally.itemsProcessed++
  run.lastStaged = undefined
  try {
    await work()
    run.failures = 0
    return true
  } catch (error) {
    if (error instanceof Superseded || run.signal?.aborted) throw error
    const failure = ConnectorError.from(error, 'Syncing a record')
    if (STOPPING.includes(failure.code) || ++run.failures >= MAX_FAILURES_IN_A_ROW) throw error
    await noteFailure(run, typeof key === 'string' ? key : await key(), ids, failure)
    return false
  }
}

/** Forgets the failures of a record that succeeded. */
export async function forgetFailures(run: Run, key: string): Promise<void> {
  const { store, prefix } = run.options
  await store.delete(`${prefix}/f/${key}`)
  await unpark(run, key, 'failing', 'unreadable')
}

/** Returns whether a record failed so often that it is parked. */
export async function isParked({ options: { store, prefix } }: Run, key: string): Promise<boolean> {
  return Number((await store.get(`${prefix}/f/${key}`))?.value ?? 0) >= PARK_AFTER
}

async function noteFailure(
  run: Run,
  key: string,
  ids: { readonly remoteId?: string | undefined; readonly localId?: string | undefined },
  error: ConnectorError,
): Promise<void> {
  const { store, prefix } = run.options
  const { remoteId, localId } = ids
  if (run.tally.errors.length < MAX_ERRORS) run.tally.errors.push(failureOf(error, ids))
  const failed = `${prefix}/f/${key}`
  const tries = Number((await store.get(failed))?.value ?? 0) + 1
  await store.put(failed, String(tries))
  const waitMs = tries < PARK_AFTER ? 0 : Math.min(MAX_BACKOFF_MS, HOUR_MS * 4 ** (tries - PARK_AFTER))
  await openWork(run, key, { due: run.now() + waitMs, failed: run.round.id, remoteId })
  if (tries >= PARK_AFTER) {
    const remote: RemoteEnd | undefined = remoteId === undefined ? undefined : { id: remoteId, image: {} }
    const local = localId === undefined ? undefined : { id: localId, image: {} }
    await park(run, { key, remote, local }, error.code === 'DATA_TRANSFORMATION_ERROR' ? 'unreadable' : 'failing', {
      reason: error.message,
    })
  }
}
