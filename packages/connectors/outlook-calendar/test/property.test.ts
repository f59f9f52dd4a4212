import { historyCount, hostileHistories } from '@mcpclient/testkit'
import type { HistoryContext, HistoryScene } from '@mcpclient/testkit'
import { expect, it } from 'vitest'
import { meeting, setUp } from './sync-scene.ts'

const HISTORIES = historyCount(8)
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

/** Composes a calendar and a table, and users who edit events on both sides. */
function compose({ random, chance, pick, around }: HistoryContext): HistoryScene {
  const counts = { both: 0, removed: 0, moved: 0 }
  const known = new Map<string, Known>()
  const scene = setUp({
    random,
    plan: { brake: 'off' },
    failBefore: 0.04,
    failAfter: 0.04,
    stalePages: 0.1,
    repeatedPages: 0.2,
    emptyPages: 0.1,
    around,
  })
  const { events, table } = scene
  const nameOf = (item: Readonly<Record<string, unknown>>): string =>
    String((item['categories'] as readonly string[] | undefined)?.[0])
  let edits = 0
  const titleOf = (name: string): string => `${name} ${edits++}`
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
  const judge = () => {
    const violations: string[] = []
    const lasts = [...known.values()].map(({ last }) => last)
    counts.both += lasts.filter(({ local, remote: there }) => local !== undefined && there !== undefined).length
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
    return { violations }
  }

  return {
    ...scene.faults,
    edit: () => (chance(0.5) ? editRemote() : editLocal()),
    round: () => scene.both(),
    judge,
    counts,
  }
}

it(`holds the guarantees of a calendar in ${HISTORIES} hostile histories`, { timeout: 600_000 }, async () => {
  const { violations, missing } = await hostileHistories(HISTORIES, {
    maxEditsPerStep: 3,
    maxPausesMs: [200_000, 200_000],
    rates: { failure: 0.04, during: 0.04 },
    quietCost: 1,
    compose,
  })
  expect(violations).toEqual([])
  // A batch without these has proved nothing.
  expect(missing).toEqual([])
})
