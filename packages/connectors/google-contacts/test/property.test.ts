import process from 'node:process'
import { seededRandom } from '@mcpclient/testing'
import type { SimulatedContact } from '@mcpclient/testing/simulators'
import { describe, expect, it } from 'vitest'
import { setUp } from './sync-scene.ts'

/** Histories in each run of the tests. `CONTACTS_SEEDS` runs more. */
const SEEDS = Number(process.env['CONTACTS_SEEDS'] ?? 15)
const MINUTE = 60_000
const MY_CONTACTS = 'contactGroups/myContacts'
const STARRED = 'contactGroups/starred'
const FIELDS = ['names', 'nicknames'] as const

type Side = 'remote' | 'local'
type Field = (typeof FIELDS)[number]

/** A contact or row as a user sees it. Every word was typed once. */
interface Seen {
  readonly id: string
  readonly words: Readonly<Record<Field, string>>
  readonly isStarred: boolean
}

/** A removal by a user of one side, with the words that this user saw. */
interface Removal {
  readonly side: Side
  readonly at: number
  readonly saw: ReadonlySet<string>
}

const entry = (field: Field, word: string) => (field === 'names' ? [{ givenName: word }] : [{ value: word }])
const wordIn = (field: Field, list: unknown): string =>
  String(
    (list as readonly Readonly<Record<string, unknown>>[] | undefined)?.[0]?.[
      field === 'names' ? 'givenName' : 'value'
    ],
  )
const wordsIn = (row: Readonly<Record<string, unknown>>): Seen['words'] => ({
  names: wordIn('names', row['names']),
  nicknames: wordIn('nicknames', row['nicknames']),
})
const member = (contactGroupResourceName: string) => ({ contactGroupMembership: { contactGroupResourceName } })

/** Runs one history of random edits and faults. Returns what broke a predicate, what was admitted, and what happened. */
async function simulate(seed: number) {
  const random = seededRandom(`contacts ${seed}`)
  const chance = (probability: number): boolean => random() < probability
  const pick = <Item>(items: readonly Item[]): Item | undefined => items[Math.floor(random() * items.length)]
  const counts = { edits: 0, faults: 0, during: 0, expired: 0, conflicts: 0, removed: 0 }
  const violations: string[] = []
  const admitted = new Set<string>()
  /** The side and time of each word, and the time when a user who saw it replaced it. */
  const typed = new Map<string, { readonly side: Side; readonly at: number; replacedAt?: number }>()
  const removals: Removal[] = []
  /** Contacts whose groups a user changed, which is an edit as well. */
  const starred: { readonly side: Side; readonly words: ReadonlySet<string> }[] = []
  let isHostile = true
  let reported = { unknown: 0, unconditional: 0 }

  const scene = setUp({
    random,
    lagMs: chance(0.5) ? Math.floor(random() * 4 * MINUTE) : 0,
    failBefore: 0.03,
    failAfter: 0.05,
    stalePages: 0.1,
    repeatedPages: 0.1,
    emptyPages: 0.1,
    plan: { brake: 'off' },
    async around(send) {
      const fail = (): void => {
        if (!isHostile || !chance(0.03)) return
        counts.faults++
        throw new TypeError('The network failed.')
      }
      fail()
      const response = await send()
      if (isHostile && chance(0.05)) {
        counts.during++
        edit()
      }
      fail()
      return response
    },
  })
  const { google, table, clock } = scene

  const remote = (): readonly Seen[] =>
    google.contacts().map((contact) => ({
      id: contact.resourceName ?? '',
      words: wordsIn(contact),
      isStarred: JSON.stringify(contact.memberships).includes(STARRED),
    }))
  const local = (): readonly Seen[] =>
    table.rows().map((row) => ({
      id: table.idWhere((each) => each === row),
      words: wordsIn(row),
      isStarred: JSON.stringify(row['memberships'] ?? []).includes(STARRED),
    }))
  const type = (side: Side): string => {
    const word = `w${typed.size}`
    typed.set(word, { side, at: clock.now() })
    return word
  }
  const replaced = (word: string): void => {
    const known = typed.get(word)
    if (known !== undefined) known.replacedAt ??= clock.now()
  }
  const write = (side: Side, id: string, changes: SimulatedContact & { readonly isStarred?: boolean }): void => {
    const { isStarred, ...fields } = changes
    const groups = isStarred === undefined ? undefined : [MY_CONTACTS, ...(isStarred ? [STARRED] : [])]
    if (side === 'local') table.edit(id, { ...fields, ...(groups && { memberships: groups }) })
    else google.update(id, { ...fields, ...(groups && { memberships: groups.map(member) }) })
  }
  function edit(): void {
    counts.edits++
    const side: Side = chance(0.5) ? 'remote' : 'local'
    const seen = pick(side === 'remote' ? remote() : local())
    if (seen === undefined || chance(0.3)) {
      const fields = { names: entry('names', type(side)), nicknames: entry('nicknames', type(side)) }
      if (side === 'remote') google.insert(fields)
      else table.edit(`mine-${typed.size}`, fields)
    } else if (chance(0.2)) {
      counts.removed++
      for (const word of Object.values(seen.words)) replaced(word)
      removals.push({ side, at: clock.now(), saw: new Set(Object.values(seen.words)) })
      if (side === 'remote') google.remove(seen.id)
      else table.drop(seen.id)
    } else if (random() < 0.2) {
      starred.push({ side, words: new Set(Object.values(seen.words)) })
      write(side, seen.id, { isStarred: !seen.isStarred })
    } else {
      const field = pick(FIELDS) ?? 'names'
      replaced(seen.words[field])
      write(side, seen.id, { [field]: entry(field, type(side)) })
    }
  }
  const round = async () => {
    const result = (await scene.both()) as Awaited<ReturnType<typeof scene.both>> & typeof reported
    reported = {
      unknown: reported.unknown + result.unknown,
      unconditional: reported.unconditional + result.unconditional,
    }
    counts.conflicts += result.conflicts ?? 0
    return result
  }

  for (let step = 0; step < 10; step++) {
    const total = Math.floor(random() * 4)
    for (let n = 0; n < total; n++) edit()
    await clock.advance(Math.floor(random() * (chance(0.3) ? 20 * MINUTE : MINUTE)))
    if (chance(0.1)) {
      counts.expired++
      google.expireSyncTokens()
    }
    if (chance(0.05)) google.expirePageTokens()
    await round()
  }
  isHostile = false
  google.behave()
  // What failed three times is tried again after hours.
  for (let n = 0; n < 4; n++) {
    await clock.advance(26 * 60 * MINUTE)
    const { success, errors } = await round()
    if (!success) violations.push(`a calm round failed: ${errors.map(({ message }) => message).join()}`)
  }

  const parked = await scene.parked()
  // A row whose create is unknown waits for a decision.
  const waiting = new Set(
    parked.filter(({ kind }) => kind === 'unknown' || kind === 'duplicate').map(({ localId }) => localId),
  )
  const [theirs, ours] = [remote(), local().filter(({ id }) => !waiting.has(id))]
  const shown = (side: readonly Seen[]): string =>
    side
      .map(({ words, isStarred }) => `${words.names} ${words.nicknames} ${isStarred}`)
      .toSorted()
      .join(', ')
  if (shown(theirs) !== shown(ours)) violations.push(`P1: Google has ${shown(theirs)}; the table has ${shown(ours)}`)

  const before = { writes: google.writes(), rows: table.writes, requests: scene.sent.length }
  await round()
  if (google.writes() !== before.writes || table.writes !== before.rows) violations.push('P2: a quiet round writes')
  const cost = scene.sent.length - before.requests
  if (cost !== 1) violations.push(`P7: a quiet round costs ${cost} requests`)

  const all = [...theirs, ...local()].flatMap(({ words }) => Object.values(words))
  const kept = JSON.stringify(parked.map(({ fields }) => fields))
  for (const [word, { replacedAt }] of typed) {
    if (replacedAt !== undefined || all.includes(word) || kept.includes(`"${word}"`)) continue
    if (reported.unconditional > 0) admitted.add('lost')
    else violations.push(`P3: ${word} is lost`)
  }
  for (const side of [theirs, ours]) {
    const words = side.flatMap((seen) => Object.values(seen.words))
    const twice = words.filter((word, at) => words.indexOf(word) !== at)
    if (twice.length === 0) continue
    if (reported.unknown > 0) admitted.add('duplicate')
    else violations.push(`P4: ${twice.join()} are there twice`)
  }
  for (const { words } of theirs) {
    const own = Object.values(words)
    // Nothing was changed on the other side that the user who removed it did not see.
    const lives = removals.some(
      ({ side, at, saw }) =>
        own.some((word) => saw.has(word)) &&
        own.every((word) => saw.has(word) || (typed.get(word)?.side === side && (typed.get(word)?.at ?? 0) < at)) &&
        !starred.some((each) => each.side !== side && own.some((word) => each.words.has(word))),
    )
    if (!lives) continue
    if (reported.unknown > 0) admitted.add('duplicate')
    else violations.push(`P6: ${own.join(' ')} lives although it was removed`)
  }
  return { violations, admitted, counts }
}

describe('the contacts of a user and a table', () => {
  it(`hold the guarantees in ${SEEDS} hostile histories`, { timeout: 600_000 }, async () => {
    const totals: Record<string, number> = {}
    const found: Record<string, number> = { lost: 0, duplicate: 0 }
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { violations, admitted, counts } = await simulate(seed)
      expect(violations, `seed ${seed}`).toEqual([])
      for (const name of admitted) found[name] = (found[name] ?? 0) + 1
      for (const [name, count] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + count
    }
    // A batch without these has proved nothing.
    for (const [name, count] of Object.entries(totals)) expect(count, name).toBeGreaterThan(0)
    // Both are rare: the rest of the predicates would be worth little otherwise.
    expect(Math.max(...Object.values(found))).toBeLessThanOrEqual(SEEDS / 10)
  })
})
