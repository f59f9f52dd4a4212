import { historyCount, hostileHistories } from '@mcpclient/testkit'
import type { HistoryContext, HistoryScene } from '@mcpclient/testkit'
import { expect, it } from 'vitest'
import { setUp } from './sync-scene.ts'

const HISTORIES = historyCount(20)
const FOLDERS = ['inbox', 'archive', 'deleteditems'] as const
const SETTLE_MS = 60_000

type Fields = Readonly<Record<string, unknown>>

/** Returns the content that a message and its row have in common. */
const shown = ({ subject, isRead, categories, flag }: Fields): string =>
  JSON.stringify([subject, isRead, categories, flag])

/** Composes a folder and a table, and a user who files messages. */
function compose({ random, chance, pick, around }: HistoryContext): HistoryScene {
  const counts = { moved: 0, returned: 0, removed: 0 }
  let made = 0

  const { graph, faults, table, pull, sent } = setUp({
    random,
    lagMs: chance(0.5) ? Math.floor(random() * (SETTLE_MS - 10_000)) : 0,
    failBefore: 0.04,
    stalePages: 0.05,
    repeatedPages: 0.2,
    emptyPages: 0.1,
    plan: { brake: 'off' },
    around,
  })

  async function edit(): Promise<void> {
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

  const judge = () => {
    const violations: string[] = []
    const [theirs, ours] = [graph.messages().all().map(shown).toSorted(), table.rows().map(shown).toSorted()]
    for (const each of theirs) if (!ours.includes(each)) violations.push(`P1: ${each} is missing in the table`)
    for (const each of ours) if (!theirs.includes(each)) violations.push(`P1: ${each} is in the table only`)
    const subjects = table.rows().map(({ subject }) => subject)
    if (new Set(subjects).size !== subjects.length) violations.push('P4: a message has two rows')
    if (sent.some(({ method }) => method !== 'GET') || graph.writes() > 0) violations.push('the sync wrote at Graph')
    return { violations }
  }

  return {
    ...faults,
    edit,
    round: () => pull(),
    judge,
    counts,
  }
}

it(`holds the guarantees of a folder in ${HISTORIES} hostile histories`, { timeout: 600_000 }, async () => {
  const { violations, missing } = await hostileHistories(HISTORIES, {
    steps: 12,
    maxEditsPerStep: 3,
    maxPausesMs: [20_000, 200_000],
    rates: { during: 0.1 },
    quietCost: 1,
    compose,
  })
  expect(violations).toEqual([])
  // A batch without these has proved nothing.
  expect(missing).toEqual([])
})
