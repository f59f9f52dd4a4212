import { FIELDS, parkedRows, pick, shownRecords } from './simulation-context.ts'
import type { SimulationContext } from './simulation-context.ts'
import type { Side, Values } from './oracle.ts'

/**
 * Performs one action of a user.
 * @param pauseMs how long a user may wait; no request is in flight for minutes
 */
export function act(simulation: SimulationContext, pauseMs: number): void {
  const { random, oracle, clock, provider, replica } = simulation
  const at = clock.now()
  const side: Side = random() < 0.5 ? 'remote' : 'local'
  if (side === 'local' && simulation.isBlank) return
  const rows: readonly { readonly id: string; readonly item: Values }[] =
    side === 'remote' ? provider.records() : replica.rows()
  const write = (id: string, changes: Values): void => {
    simulation.trace?.(`USER ${side} ${id} ${JSON.stringify(changes)}`)
    if (side === 'remote') provider.put(id, changes)
    else replica.edit(id, changes)
  }
  const typeAll = (record: number): Values =>
    Object.fromEntries(FIELDS.map((field) => [field, oracle.type(side, record, at)]))
  const choice = random()
  if (choice < 0.35 || rows.length === 0) {
    const record = ++simulation.records
    write(side === 'remote' ? `r${record}` : `l${record}`, typeAll(record))
    return
  }
  const row = pick(random, rows)
  if (row === undefined) return
  const record = oracle.recordOf(row.item['title']) ?? 0
  if (choice < 0.78) {
    const field = pick(random, FIELDS) ?? 'title'
    oracle.replaced(row.item[field], at)
    write(row.id, { [field]: oracle.type(side, record, at) })
    return
  }
  oracle.removed(side, row.item, at)
  simulation.trace?.(`USER ${side} removes ${row.id} ${JSON.stringify(row.item)}`)
  if (side === 'remote') provider.drop(row.id)
  else replica.drop(row.id)
  if (random() < 0.3) {
    // Created again under the same id, soon or at once: a new record for every user.
    if (random() < 0.5) clock.advance(Math.floor(random() * pauseMs))
    write(row.id, typeAll(++simulation.records))
  }
}

/** Edits one field of up to two records on each side. Returns how many records were edited. */
export async function calmEdits(simulation: SimulationContext): Promise<number> {
  const { oracle, clock, provider, replica } = simulation
  const parked = await parkedRows(simulation)
  const busy = new Set(
    parked.flatMap(({ kind, remoteId, localId }) => (kind === 'overwritten' ? [] : [remoteId, localId])),
  )
  const at = clock.now()
  const edit = (side: Side, id: string, item: Values): void => {
    oracle.replaced(item['title'], at)
    const changes = { title: oracle.type(side, oracle.recordOf(item['title']) ?? 0, at) }
    if (side === 'remote') provider.put(id, changes)
    else replica.edit(id, changes)
  }
  const remote = shownRecords(simulation, parked).filter(({ id }) => !busy.has(id))
  const local = replica.rows().filter(({ id }) => !busy.has(id))
  const chosen = remote.slice(0, 2)
  for (const { id, item } of chosen) edit('remote', id, item)
  // Other records: words show which belong together.
  const used = new Set(chosen.flatMap(({ item }) => Object.values(item).map((word) => oracle.recordOf(word))))
  const free = local
    .filter(({ item }) => Object.values(item).every((word) => !used.has(oracle.recordOf(word))))
    .slice(0, 2)
  for (const { id, item } of free) edit('local', id, item)
  return chosen.length + free.length
}
