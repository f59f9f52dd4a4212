import { attempt, forgetFailures, isParked } from './attempt.ts'
import { IN_FLIGHT_MS, retryCreateRemote } from './create-remote.ts'
import { forgetCreate, notedCreates } from './creates-under-way.ts'
import { loadPair } from './local-writes.ts'
import type { Intent, Pair } from './pairs.ts'
import { pushUnsent } from './push-local.ts'
import { isFailing, openWork } from './run.ts'
import type { NotedCreate, Run } from './run.ts'

/**
 * Repeats the creates under way before a new record is brought in, because it may be the record of one of them.
 * @returns whether one is still open, so the record has to wait. A create that was parked holds nothing back.
 */
export async function hasOpenCreate(run: Run): Promise<boolean> {
  const open: NotedCreate[] = []
  for (const noted of (run.underWay ??= await notedCreates(run))) {
    const { key, at } = noted
    if (!(await isFailing(run, key))) await repeatCreate(run, key)
    const isOpen = openIntent(await loadPair(run, key)) !== undefined
    if (isOpen && !(await isParked(run, key))) open.push(noted)
    // The intent of another run may be about to follow its note.
    if (!isOpen && at + IN_FLIGHT_MS < run.now()) await forgetCreate(run, key)
  }
  run.underWay = open
  return open.length > 0
}

async function repeatCreate(run: Run, key: string): Promise<void> {
  const pair = await loadPair(run, key)
  const intent = openIntent(pair)
  if (pair === undefined || intent === undefined) return
  const opened = await openWork(run, key)
  const isDone = await attempt(run, key, { localId: pair.local?.id }, async () =>
    pushUnsent(run, await retryCreateRemote(run, pair, intent, opened)),
  )
  if (isDone) await forgetFailures(run, key)
}

/** Returns the intent of a create whose record no pair has. */
function openIntent(pair: Pair | undefined): Extract<Intent, { kind: 'create_remote' }> | undefined {
  const intent = pair?.intent
  if (intent?.kind !== 'create_remote') return undefined
  return intent.refused || intent.unknown || intent.abandoned || intent.twin !== undefined ? undefined : intent
}
