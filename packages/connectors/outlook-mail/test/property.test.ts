import process from 'node:process'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { setUp } from './sync-scene.ts'

/** Histories in each run of the tests. `OUTLOOK_SEEDS` runs more. */
const SEEDS = Number(process.env['OUTLOOK_SEEDS'] ?? 20)
const FOLDERS = ['inbox', 'archive', 'deleteditems'] as const
const SETTLE_MS = 60_000

type Fields = Readonly<Record<string, unknown>>

/** Returns the content that a message and its row have in common. */
const shown = ({ subject, isRead, categories, flag }: Fields): string =>
  JSON.stringify([subject, isRead, categories, flag])

/** Runs one history of random edits and faults. Returns what broke a predicate, and what happened. */
async function simulate(seed: number) {
  const random = seededRandom(seed)
  const clock = createFakeClock()
  const counts = { edits: 0, faults: 0, expired: 0, during: 0, moved: 0, returned: 0, removed: 0 }
  const violations: string[] = []
  const chance = (probability: number): boolean => random() < probability
  const pick = <Item>(items: readonly Item[]): Item | undefined => items[Math.floor(random() * items.length)]
  let isHostile = true
  let made = 0

  const { graph, table, pull, sent } = setUp({
    clock,
    random,
    lagMs: chance(0.5) ? Math.floor(random() * (SETTLE_MS - 10_000)) : 0,
    failBefore: 0.04,
    stalePages: 0.05,
    repeatedPages: 0.2,
    emptyPages: 0.1,
    plan: { brake: 'off' },
    async around(_request, send) {
      if (isHostile && chance(0.05)) {
        counts.faults++
        throw new TypeError('The network failed.')
      }
      const response = await send()
      if (isHostile && chance(0.1)) {
        counts.during++
        await edit()
      }
      if (isHostile && chance(0.05)) {
        counts.faults++
        throw new TypeError('The network failed.')
      }
      return response
    },
  })

  async function edit(): Promise<void> {
    counts.edits++
    const all = FOLDERS.flatMap((folder) =>
      graph
        .messages(folder)
        .all()
        .map((item) => ({ folder, item })),
    )
    const { folder, item } = pick(all) ?? {}
    if (folder === undefined || item === undefined || chance(0.25)) {
      await graph.messages(pick(FOLDERS)).insert({ subject: `Message ${made++}`, isRead: chance(0.5) })
      return
    }
    const id = String(item['id'])
    if (chance(0.1)) {
      counts.removed++
      await graph.messages(folder).remove(id)
    } else if (chance(0.4)) {
      const to = pick(FOLDERS.filter((each) => each !== folder)) ?? 'inbox'
      if (to === 'inbox') counts.returned++
      else counts.moved++
      await graph.moveMessage(id, to)
    } else {
      const changes = pick<Fields>([
        { isRead: item['isRead'] !== true },
        { categories: chance(0.3) ? [] : [`Category ${made++}`] },
        { flag: { flagStatus: chance(0.5) ? 'flagged' : 'complete' } },
      ])
      await graph.messages(folder).patch(id, changes ?? {})
    }
  }

  for (let step = 0; step < 12; step++) {
    const total = Math.floor(random() * 4)
    for (let n = 0; n < total; n++) await edit()
    await clock.advance(Math.floor(random() * (chance(0.3) ? 200_000 : 20_000)))
    if (chance(0.1)) {
      counts.expired++
      graph.expireDeltaLinks()
    }
    if (chance(0.05)) graph.expireNextLinks()
    await pull()
  }
  isHostile = false
  graph.behave()
  // What failed three times is tried again after hours.
  for (let n = 0; n < 3; n++) {
    await clock.advance(26 * 3_600_000)
    await pull()
  }

  const [theirs, ours] = [graph.messages().all().map(shown).toSorted(), table.rows().map(shown).toSorted()]
  for (const each of theirs) if (!ours.includes(each)) violations.push(`P1: ${each} is missing in the table`)
  for (const each of ours) if (!theirs.includes(each)) violations.push(`P1: ${each} is in the table only`)
  const subjects = table.rows().map(({ subject }) => subject)
  if (new Set(subjects).size !== subjects.length) violations.push('P4: a message has two rows')
  const before = { requests: sent.length, writes: table.writes }
  await pull()
  if (table.writes !== before.writes) violations.push('P2: a quiet round writes')
  if (sent.length - before.requests !== 1) violations.push(`P7: a quiet round costs ${sent.length - before.requests}`)
  if (sent.some(({ method }) => method !== 'GET') || graph.writes() > 0) violations.push('the sync wrote at Graph')
  return { violations, counts }
}

describe('a folder and a table', () => {
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
