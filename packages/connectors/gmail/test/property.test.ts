import process from 'node:process'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { setUp } from './sync-scene.ts'

/** Histories in each run of the tests. `GMAIL_SEEDS` runs more. */
const SEEDS = Number(process.env['GMAIL_SEEDS'] ?? 20)
const LABELS = ['INBOX', 'UNREAD', 'STARRED', 'IMPORTANT'] as const
const SETTLE_MS = 60_000

/** A change of one label of one message by a user of one side. */
interface Edit {
  readonly side: 'remote' | 'local'
  readonly at: number
  readonly isAdded: boolean
}
type Labels = ReadonlySet<string>

/** Runs one history of random edits and faults. Returns what broke a predicate, and what happened. */
async function simulate(seed: number) {
  const random = seededRandom(seed)
  const clock = createFakeClock()
  const counts = { edits: 0, faults: 0, expired: 0, during: 0, merged: 0, removed: 0 }
  const violations: string[] = []
  const edits = new Map<string, Edit[]>()
  const removed = new Set<string>()
  /** Rounds that ended well, from their begin to their end. */
  const rounds: { readonly from: number; readonly to: number }[] = []
  const chance = (probability: number): boolean => random() < probability
  const pick = <Item>(items: readonly Item[]): Item | undefined => items[Math.floor(random() * items.length)]
  const lagMs = chance(0.5) ? Math.floor(random() * (SETTLE_MS - 10_000)) : 0
  let isHostile = true

  const scene = setUp({
    clock,
    random,
    lagMs,
    failBefore: 0.04,
    failAfter: 0.04,
    repeatedPages: 0.2,
    emptyPages: 0.1,
    plan: { brake: 'off' },
    async around(request, send) {
      if (isHostile && chance(0.05)) {
        counts.faults++
        throw new TypeError('The network failed.')
      }
      const response = await send()
      if (isHostile && chance(0.04)) {
        counts.during++
        edit()
      }
      if (isHostile && chance(0.05)) {
        counts.faults++
        throw new TypeError('The network failed.')
      }
      return response
    },
  })
  const { google, table } = scene

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
  function edit(): void {
    counts.edits++
    if (chance(0.5)) editRemote()
    else editLocal()
  }
  const round = async () => {
    const from = clock.now()
    const result = await scene.both()
    if (result.success && result.complete === true && result.errors.length === 0) rounds.push({ from, to: clock.now() })
    return result
  }

  for (let n = 0; n < 6; n++) google.receive({ subject: `Message ${made++}` })
  for (let step = 0; step < 12; step++) {
    const total = Math.floor(random() * 4)
    for (let n = 0; n < total; n++) edit()
    await clock.advance(Math.floor(random() * (chance(0.3) ? 200_000 : 20_000)))
    if (chance(0.15)) {
      counts.expired++
      google.expireHistory()
    }
    if (chance(0.05)) google.expirePageTokens()
    await round()
  }
  isHostile = false
  google.behave()
  const conflicting = [...edits.values()].filter((list) => new Set(list.map(({ side }) => side)).size === 2)
  counts.merged += conflicting.length
  // What failed three times is tried again after hours.
  for (let n = 0; n < 4; n++) {
    await clock.advance(26 * 3_600_000)
    await round()
  }

  const [theirs, ours] = [remote(), local()]
  const shown = (labels: Labels | undefined): string => [...(labels ?? ['none'])].toSorted().join()
  for (const subject of new Set([...theirs.keys(), ...ours.keys()])) {
    const [there, here] = [shown(theirs.get(subject)?.labels), shown(ours.get(subject))]
    if (there !== here) violations.push(`P1: ${subject} has ${there} at Gmail and ${here} in the table`)
  }
  if (table.rows().length !== ours.size) violations.push('P4: a message has two rows')
  for (const subject of removed) if (ours.has(subject)) violations.push(`P6: ${subject} lives although it was removed`)
  for (const [key, list] of edits) {
    const at = key.lastIndexOf(' ')
    const labels = theirs.get(key.slice(0, at))?.labels
    if (labels === undefined) continue
    const has = labels.has(key.slice(at + 1))
    if (!isAdmissible(list, has, rounds, lagMs)) {
      violations.push(`P3: ${key} is ${has ? 'present' : 'absent'} after ${JSON.stringify(list)}`)
    }
  }
  const before = { changes: google.changes, writes: table.writes, units: google.units }
  await round()
  if (google.changes !== before.changes || table.writes !== before.writes) violations.push('P2: a quiet round writes')
  if (google.units - before.units !== 2) violations.push(`P7: a quiet round costs ${google.units - before.units} units`)
  return { violations, counts }
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

describe('a mailbox and a table', () => {
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
