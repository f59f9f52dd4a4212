import { beginCreateRemote } from './create-remote.ts'
import { differs } from './images.ts'
import { loadPair } from './local-writes.ts'
import type { Pair } from './pairs.ts'
import { park, unpark } from './parked.ts'
import type { Fields, RemoteRecord } from './remote.ts'
import { images, reportUnknown, unseal } from './run.ts'
import type { Run } from './run.ts'

const MAX_UNKNOWN = 100
const MAX_CANDIDATES = 5

/** Reads which creates have an unknown outcome. */
export async function loadUnknowns(run: Run): Promise<void> {
  const { store, prefix } = run.options
  const { entries } = await store.list(`${prefix}/u/`, { limit: MAX_UNKNOWN })
  run.unknowns = entries.map(({ key }) => key.slice(key.lastIndexOf('/') + 1))
}

/**
 * Compares a new remote record with the creates whose outcome is unknown. Returns the pair whose item it has; otherwise
 * it becomes a candidate of each.
 */
export async function noteCandidate(run: Run, record: RemoteRecord): Promise<Pair | undefined> {
  if (run.unknowns.length === 0) return undefined
  const found = await images(run, record.item)
  for (const key of run.unknowns) {
    const pair = await loadPair(run, key)
    if (pair?.intent?.kind !== 'create_remote' || !pair.intent.unknown) continue
    // An empty field was not sent, so the provider may have filled it.
    const item = (await unseal(run, pair.intent.item)) as Fields
    const sent = Object.entries(await images(run, item)).filter(([field]) => item[field] !== null)
    if (sent.length > 0 && sent.every(([field, digest]) => found[field] === digest)) return pair
    const candidates = [...(pair.intent.candidates ?? []), record.id].slice(0, MAX_CANDIDATES)
    const noted = await run.pairs.save(pair, { intent: { ...pair.intent, candidates } })
    await park(run, noted, 'unknown', { candidates })
  }
  return undefined
}

async function forgetUnknown(run: Run, key: string): Promise<void> {
  const { store, prefix } = run.options
  run.unknowns = run.unknowns.filter((each) => each !== key)
  await unpark(run, key, 'unknown')
  await store.delete(`${prefix}/u/${key}`)
}

/**
 * Creates again what provably never arrived: every page since the interrupted create was read, and none showed a new
 * record. Anything else waits for the host's decision.
 * @param startedAt when the round began
 */
export async function retryUnknowns(run: Run, startedAt: number): Promise<void> {
  for (const key of run.unknowns) {
    const pair = await loadPair(run, key)
    const intent = pair?.intent
    if (pair?.local === undefined || intent?.kind !== 'create_remote' || !intent.unknown) {
      await forgetUnknown(run, key)
      continue
    }
    const isCovered = startedAt > intent.at + run.settleMs && (intent.candidates ?? []).length === 0
    const chosen = pair.chosen?.['*'] ?? (isCovered ? 'local' : undefined)
    if (chosen === undefined) continue
    const row = await run.replica.get(pair.local.id)
    if (chosen === 'remote') {
      // The record that arrived has a row of its own by now. An edited row stays until it is decided to send it.
      if (row !== undefined && differs(await images(run, row.item), pair.local.image)) continue
      if (row !== undefined) await run.replica.remove(pair.local.id, row.version)
      await run.pairs.save(pair, { intent: undefined, dead: true })
      await forgetUnknown(run, key)
      continue
    }
    // A host that has loaded half of its rows looks like one that removed it.
    if (row === undefined) continue
    // A page that was older than it seemed makes this one a duplicate, so it is reported again.
    reportUnknown(run, key)
    // The idempotency key of this life belongs to another content.
    const life = pair.life + (run.remote.newKey === undefined ? 0 : 1)
    await beginCreateRemote(run, pair, pair.local.id, row, { intent: undefined, chosen: undefined, life })
    await forgetUnknown(run, key)
  }
}
