import process from 'node:process'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { meeting, setUp } from './sync-scene.ts'

/** Histories in each run of the tests. `OUTLOOK_SEEDS` runs more. */
const SEEDS = Number(process.env['OUTLOOK_SEEDS'] ?? 8)
const OUTSIDE = {
  start: { dateTime: '2028-01-01T10:00:00', timeZone: 'UTC' },
  end: { dateTime: '2028-01-01T11:00:00', timeZone: 'UTC' },
}

/** One record, and the values that users typed on each side. Its category says which one it is. */
interface Known {
  readonly name: string
  readonly isRemote: boolean
  last: { local?: string; remote?: string }
  isRemoved: boolean
}

/** Runs one history of random edits and faults. Returns what broke a predicate, and what happened. */
async function simulate(seed: number) {
  const random = seededRandom(seed)
  const clock = createFakeClock()
  const counts = { edits: 0, faults: 0, expired: 0, during: 0, both: 0, removed: 0, moved: 0 }
  const violations: string[] = []
  const known = new Map<string, Known>()
  const chance = (probability: number): boolean => random() < probability
  const pick = <Item>(items: readonly Item[]): Item | undefined => items[Math.floor(random() * items.length)]
  let isHostile = true

  const scene = setUp({
    clock,
    random,
    brake: 'off',
    failBefore: 0.04,
    failAfter: 0.04,
    stalePages: 0.1,
    repeatedPages: 0.2,
    emptyPages: 0.1,
    async around(_request, send) {
      if (isHostile && chance(0.04)) {
        counts.faults++
        throw new TypeError('The network failed.')
      }
      const response = await send()
      if (isHostile && chance(0.04)) {
        counts.during++
        await edit()
      }
      if (isHostile && chance(0.04)) {
        counts.faults++
        throw new TypeError('The network failed.')
      }
      return response
    },
  })
  const { events, table, graph } = scene
  const nameOf = (item: Readonly<Record<string, unknown>>): string =>
    String((item['categories'] as readonly string[] | undefined)?.[0])
  const titleOf = (name: string): string => `${name} ${counts.edits}`
  const remote = (): readonly Readonly<Record<string, unknown>>[] => events.all()
  let made = 0
  const begin = (isRemote: boolean): Known => {
    const record: Known = { name: `n${made++}`, isRemote, last: {}, isRemoved: false }
    known.set(record.name, record)
    return record
  }

  const editRemote = async (): Promise<void> => {
    const found = pick(remote())
    if (found === undefined || chance(0.25)) {
      const record = begin(true)
      record.last.remote = titleOf(record.name)
      await events.insert(meeting(record.last.remote, 1 + Math.floor(random() * 28), { categories: [record.name] }))
      return
    }
    const record = known.get(nameOf(found))
    const id = String(found['id'])
    if (record === undefined) return
    if (record.isRemote && chance(0.2)) {
      counts.removed++
      record.isRemoved = true
      await events.remove(id)
    } else if (chance(0.2)) {
      counts.moved++
      await events.patch(id, OUTSIDE)
    } else {
      record.last.remote = titleOf(record.name)
      await events.patch(id, { subject: record.last.remote })
    }
  }
  const editLocal = (): void => {
    const found = pick(table.rows())
    if (found === undefined || chance(0.25)) {
      const record = begin(false)
      record.last.local = titleOf(record.name)
      table.edit(record.name, meeting(record.last.local, 1 + Math.floor(random() * 28), { categories: [record.name] }))
      return
    }
    const record = known.get(nameOf(found))
    if (record === undefined) return
    record.last.local = titleOf(record.name)
    table.edit(
      table.idWhere((row) => nameOf(row) === record.name),
      { subject: record.last.local },
    )
  }
  async function edit(): Promise<void> {
    counts.edits++
    if (chance(0.5)) await editRemote()
    else editLocal()
  }

  for (let step = 0; step < 10; step++) {
    const total = Math.floor(random() * 4)
    for (let n = 0; n < total; n++) await edit()
    await clock.advance(Math.floor(random() * 200_000))
    if (chance(0.1)) {
      counts.expired++
      graph.expireDeltaLinks()
    }
    if (chance(0.05)) graph.expireNextLinks()
    await scene.both()
  }
  isHostile = false
  graph.behave()
  // What failed three times is tried again after hours.
  for (let n = 0; n < 4; n++) {
    await clock.advance(26 * 3_600_000)
    await scene.both()
  }
  counts.both += [...known.values()].filter(({ last }) => last.local !== undefined && last.remote !== undefined).length

  const byName = (items: readonly Readonly<Record<string, unknown>>[]) => Map.groupBy(items, nameOf)
  const [theirs, ours] = [byName(remote()), byName(table.rows())]
  for (const { name, isRemoved, isRemote, last } of known.values()) {
    const [there = [], here = []] = [theirs.get(name), ours.get(name)]
    if (there.length > 1 || here.length > 1)
      violations.push(`P4: ${name} is ${there.length} times there, ${here.length} here`)
    const [one, other] = [there[0], here[0]]
    const isOutside = one !== undefined && (one['start'] as { readonly dateTime: string }).dateTime.startsWith('2028')
    // An event that left the interval before a round saw it gets no row.
    if (isOutside && isRemote && other === undefined) continue
    if (one?.['subject'] !== other?.['subject']) {
      violations.push(`P1: ${name} is ${String(one?.['subject'])} there, ${String(other?.['subject'])} here`)
    }
    // An edit of the table may bring a removed event back.
    if (isRemoved && one !== undefined && last.local === undefined) violations.push(`P6: ${name} lives again`)
    if (one !== undefined && ![last.local, last.remote].includes(String(one['subject']))) {
      violations.push(`P3: ${name} is ${String(one['subject'])} after ${JSON.stringify(last)}`)
    }
  }
  const before = [graph.writes(), table.writes, scene.sent.length]
  await scene.both()
  if (graph.writes() !== before[0] || table.writes !== before[1]) violations.push('P2: a quiet round writes')
  if (scene.sent.length !== (before[2] ?? 0) + 1) violations.push('P7: a quiet round sends more than one request')
  return { violations, counts }
}

describe('a calendar and a table', () => {
  it(`hold the guarantees in ${SEEDS} hostile histories`, { timeout: 600_000 }, async () => {
    const totals: Record<string, number> = {}
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { violations, counts } = await simulate(seed)
      expect(violations, `seed ${seed}`).toEqual([])
      for (const [name, count] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + count
    }
    // A batch without these has proved nothing.
    for (const [name, count] of Object.entries(totals)) expect(count, name).toBeGreaterThan(0)
  })
})
