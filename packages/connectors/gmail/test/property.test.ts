import { historyCount, hostileHistories } from '@mcpclient/testkit'
import type { HistoryContext, HistoryScene } from '@mcpclient/testkit'
import { expect, it } from 'vitest'
import { setUp } from './sync-scene.ts'

const HISTORIES = historyCount(10)
const LABELS = ['INBOX', 'UNREAD', 'STARRED', 'IMPORTANT'] as const
const SETTLE_MS = 60_000

/** A change of one label of one message by a user of one side. */
interface Edit {
  readonly side: 'remote' | 'local'
  readonly at: number
  readonly isAdded: boolean
}
type Labels = ReadonlySet<string>

/** Composes a mailbox and a table, and users who label messages on both sides. */
function compose({ random, chance, pick, around }: HistoryContext): HistoryScene {
  const counts = { merged: 0, removed: 0 }
  const edits = new Map<string, Edit[]>()
  const removed = new Set<string>()
  /** Rounds that ended well, from their begin to their end. */
  const rounds: { readonly from: number; readonly to: number }[] = []
  const lagMs = chance(0.5) ? Math.floor(random() * (SETTLE_MS - 10_000)) : 0

  const scene = setUp({
    random,
    lagMs,
    failBefore: 0.04,
    failAfter: 0.04,
    repeatedPages: 0.2,
    emptyPages: 0.1,
    plan: { brake: 'off' },
    around,
  })
  const { google, table, clock } = scene

  const note = (subject: string, label: string, side: Edit['side'], isAdded: boolean): void => {
    const key = `${subject} ${label}`
    edits.set(key, [...(edits.get(key) ?? []), { side, at: clock.now(), isAdded }])
  }
  const remote = (): ReadonlyMap<string, { readonly id: string; readonly labels: Labels }> =>
    new Map(
      google.messages().map((message) => {
        const { headers } = message['payload'] as { headers: readonly { name: string; value: string }[] }
        const subject = headers.find(({ name }) => name === 'Subject')?.value ?? ''
        return [subject, { id: message.id, labels: new Set(message['labelIds'] as readonly string[] | undefined) }]
      }),
    )
  const local = (): ReadonlyMap<string, Labels> =>
    new Map(table.rows().map((row) => [String(row['subject']), new Set(row['labelIds'] as readonly string[])]))
  /** Adds a label that is absent, or removes one that is present. */
  const toggled = (labels: Labels): { readonly label: string; readonly isAdded: boolean } => {
    const label = pick(LABELS) ?? 'INBOX'
    return { label, isAdded: !labels.has(label) }
  }
  let made = 0
  const editRemote = (): void => {
    const [subject, message] = pick([...remote()]) ?? []
    if (subject === undefined || message === undefined || chance(0.25)) {
      google.receive({ subject: `Message ${made++}`, labelIds: LABELS.filter(() => chance(0.5)) })
    } else if (chance(0.1)) {
      counts.removed++
      removed.add(subject)
      google.remove(message.id)
    } else {
      const { label, isAdded } = toggled(message.labels)
      google.label(message.id, isAdded ? [label] : [], isAdded ? [] : [label])
      note(subject, label, 'remote', isAdded)
    }
  }
  const editLocal = (): void => {
    const [subject, labels] = pick([...local()]) ?? []
    if (subject === undefined || labels === undefined) return
    const { label, isAdded } = toggled(labels)
    scene.relabel(subject, ...(isAdded ? [...labels, label] : [...labels].filter((each) => each !== label)))
    note(subject, label, 'local', isAdded)
  }
  const round = async () => {
    const from = clock.now()
    const result = await scene.both()
    if (result.success && result.complete === true && result.errors.length === 0) rounds.push({ from, to: clock.now() })
    return result
  }

  const judge = () => {
    const violations: string[] = []
    const conflicting = [...edits.values()].filter((list) => new Set(list.map(({ side }) => side)).size === 2)
    counts.merged += conflicting.length
    const [theirs, ours] = [remote(), local()]
    const shown = (labels: Labels | undefined): string => [...(labels ?? ['none'])].toSorted().join()
    for (const subject of new Set([...theirs.keys(), ...ours.keys()])) {
      const [there, here] = [shown(theirs.get(subject)?.labels), shown(ours.get(subject))]
      if (there !== here) violations.push(`P1: ${subject} has ${there} at Gmail and ${here} in the table`)
    }
    if (table.rows().length !== ours.size) violations.push('P4: a message has two rows')
    for (const subject of removed)
      if (ours.has(subject)) violations.push(`P6: ${subject} lives although it was removed`)
    for (const [key, list] of edits) {
      const at = key.lastIndexOf(' ')
      const labels = theirs.get(key.slice(0, at))?.labels
      if (labels === undefined) continue
      const has = labels.has(key.slice(at + 1))
      if (!isAdmissible(list, has, rounds, lagMs)) {
        violations.push(`P3: ${key} is ${has ? 'present' : 'absent'} after ${JSON.stringify(list)}`)
      }
    }
    return { violations }
  }

  for (let n = 0; n < 6; n++) google.receive({ subject: `Message ${made++}` })
  return {
    clock,
    table,
    edit: () => (chance(0.5) ? editRemote() : editLocal()),
    round,
    expire: () => google.expireHistory(),
    expirePages: () => google.expirePageTokens(),
    behave: () => google.behave(),
    writes: () => google.changes,
    cost: () => google.units,
    judge,
    counts,
  }
}

/**
 * Returns whether a label may be as it is: as the last edit of a side left it. If one side could see the last edit of the
 * other before its own, its own decides.
 */
function isAdmissible(
  edits: readonly Edit[],
  has: boolean,
  rounds: readonly { readonly from: number; readonly to: number }[],
  lagMs: number,
): boolean {
  const last = edits.at(-1)
  const other = edits.findLast(({ side }) => side !== last?.side)
  if (last === undefined || has === last.isAdded) return true
  if (other === undefined || has !== other.isAdded) return false
  // A round between the two has shown the first one to the other side.
  return !rounds.some(({ from, to }) => from >= other.at + lagMs + SETTLE_MS && to <= last.at)
}

it(`holds the guarantees of a mailbox in ${HISTORIES} hostile histories`, { timeout: 600_000 }, async () => {
  const { violations, missing } = await hostileHistories(HISTORIES, {
    steps: 12,
    maxEditsPerStep: 3,
    maxPausesMs: [20_000, 200_000],
    rates: { during: 0.04, expiry: 0.15 },
    quietCost: 2,
    compose,
  })
  expect(violations).toEqual([])
  // A batch without these has proved nothing.
  expect(missing).toEqual([])
})
