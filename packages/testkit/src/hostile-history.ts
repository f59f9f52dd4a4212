import type { SyncResult as CoreSyncResult } from '@mcpclient/core'
import type { Parked, SyncResult } from '@mcpclient/sync'
import { seededRandom } from '@mcpclient/testing'
import type { FakeClock } from '@mcpclient/testing'
import type { Table } from './memory-table.ts'

type Fields = Readonly<Record<string, unknown>>
type Side = 'remote' | 'local'

/** A field that users edit. Each value is a new word, so that a word shows which edit it comes from. */
export interface WordField {
  readonly name: string
  /** @default the word itself */
  readonly write?: ((word: string) => unknown) | undefined
  /** @default the value, if it is a string */
  readonly read?: ((value: unknown) => unknown) | undefined
}

/** The items of a simulated provider, seen by a user. Each has an `id`. */
export interface RemoteItems {
  insert(item: Fields): Promise<unknown>
  patch(id: string, changes: Fields): Promise<void>
  remove(id: string): Promise<void>
  all(): readonly Fields[]
}

/** Both sides of a sync, and what happens to them. */
export interface HistoryScene {
  readonly clock: FakeClock
  readonly table: Table
  readonly items: RemoteItems
  round(): Promise<CoreSyncResult>
  parked(): AsyncIterable<Parked>
  /** Ends the life of every checkpoint. */
  expire(): void
  /** Ends the life of every token of a page. */
  expirePages(): void
  /** Switches random faults of the provider off. */
  behave(): void
  /** Writes at the provider so far, those of users not counted. */
  writes(): number
}

/** Runs a request, with faults of the network around it. */
export type Around = (send: () => Promise<Response>) => Promise<Response>

export interface HistoryOptions {
  readonly seed: number
  readonly fields: readonly [WordField, WordField, ...WordField[]]
  /** Losses that the guarantees of the provider's kind allow, and that a result has to report. */
  readonly admits?: { readonly duplicates?: boolean; readonly overwrites?: boolean } | undefined
  /** Composes the two sides. */
  readonly scene: (faults: { readonly random: () => number; readonly around: Around }) => HistoryScene
}

export interface HistoryOutcome {
  /** Guarantees that did not hold. */
  readonly violations: readonly string[]
  /** The events of the history. A batch without one of them has proved nothing about it. */
  readonly counts: Readonly<Record<string, number>>
}

interface Typed {
  readonly side: Side
  readonly record: number
  readonly at: number
}

const STEPS = 10
const DAY = 86_400_000

/** Runs one history of random edits and faults on both sides, and judges it by the actions of the users alone. */
export async function hostileHistory({
  seed,
  fields,
  admits = {},
  scene: compose,
}: HistoryOptions): Promise<HistoryOutcome> {
  const random = seededRandom(seed)
  const chance = (probability: number): boolean => random() < probability
  const pick = <Item>(list: readonly Item[]): Item | undefined => list[Math.floor(random() * list.length)]
  const counts = { edits: 0, faults: 0, during: 0, expired: 0, conflicts: 0, unknown: 0, unconditional: 0, removals: 0 }
  const violations: string[] = []
  const typed = new Map<string, Typed>()
  const replacedAt = new Map<string, number>()
  const removals: {
    readonly record: number
    readonly side: Side
    readonly at: number
    readonly saw: ReadonlySet<string>
  }[] = []
  let isHostile = true
  let records = 0

  const around: Around = async (send) => {
    if (isHostile && chance(0.05)) {
      counts.faults++
      throw new TypeError('The network failed.')
    }
    const response = await send()
    if (isHostile && chance(0.03)) {
      counts.during++
      await edit()
    }
    if (isHostile && chance(0.05)) {
      counts.faults++
      throw new TypeError('The network failed.')
    }
    return response
  }
  const scene = compose({ random, around })
  const { clock, table, items } = scene

  const wordsOf = (item: Fields): readonly string[] =>
    fields.flatMap(({ name, read = (value) => value }) => {
      const word = read(item[name])
      return typeof word === 'string' && word !== '' ? [word] : []
    })
  const type = (side: Side, record: number): string => {
    const word = `w${typed.size}x`
    typed.set(word, { side, record, at: clock.now() })
    return word
  }
  const itemFor = (side: Side, record: number): Fields =>
    Object.fromEntries(fields.map(({ name, write = (word) => word }) => [name, write(type(side, record))]))
  const replace = (words: readonly string[]): void => {
    for (const word of words) if (!replacedAt.has(word)) replacedAt.set(word, clock.now())
  }

  async function edit(): Promise<void> {
    counts.edits++
    const side: Side = chance(0.5) ? 'remote' : 'local'
    const rows = side === 'remote' ? items.all() : table.rows()
    const row = chance(0.3) ? undefined : pick(rows)
    if (row === undefined) {
      const record = ++records
      if (side === 'local') table.edit(`l${record}`, itemFor(side, record))
      else await items.insert(itemFor(side, record))
      return
    }
    const words = wordsOf(row)
    const record = typed.get(words[0] ?? '')?.record ?? 0
    const id = side === 'remote' ? String(row['id']) : table.idWhere((each) => each === row)
    if (chance(0.2)) {
      counts.removals++
      replace(words)
      removals.push({ record, side, at: clock.now(), saw: new Set(words) })
      if (side === 'remote') await items.remove(id)
      else table.drop(id)
      return
    }
    const field = pick(fields) ?? fields[0]
    replace(wordsOf({ [field.name]: row[field.name] }))
    const changes = { [field.name]: (field.write ?? ((word) => word))(type(side, record)) }
    if (side === 'remote') await items.patch(id, changes)
    else table.edit(id, changes)
  }

  const round = async (): Promise<SyncResult> => {
    // The engine of the plan counts more than the port of core names.
    const result = (await scene.round()) as unknown as SyncResult
    counts.conflicts += result.conflicts
    counts.unknown += result.unknown
    counts.unconditional += result.unconditional
    return result
  }

  for (let step = 0; step < STEPS; step++) {
    const total = Math.floor(random() * 3)
    for (let n = 0; n < total; n++) await edit()
    await clock.advance(Math.floor(random() * (chance(0.3) ? 900_000 : 60_000)))
    if (chance(0.1)) {
      counts.expired++
      scene.expire()
    }
    if (chance(0.05)) scene.expirePages()
    await round().catch((error: unknown) => {
      // A first request that fails leaves nothing to report.
      if (!(error instanceof Error)) throw error
    })
  }
  isHostile = false
  scene.behave()
  let last: SyncResult | undefined
  // What failed three times is tried again after hours.
  for (let n = 0; n < 4; n++) {
    await clock.advance(DAY + 3_600_000)
    last = await round()
  }
  if (last?.success !== true) violations.push(`failed: ${JSON.stringify(last?.errors)}`)

  const parked: Parked[] = []
  for await (const each of scene.parked()) parked.push(each)
  const isOpen = ({ kind }: Parked): boolean => kind === 'unknown' || kind === 'duplicate'
  const undecided = new Set(parked.filter(isOpen).flatMap(({ localId }) => (localId === undefined ? [] : [localId])))
  const rows = table.rows().filter((row) => !undecided.has(table.idWhere((each) => each === row)))
  const shown = (list: readonly Fields[]): string =>
    JSON.stringify(list.map((item) => wordsOf(item).join(' ')).toSorted())
  if (shown(items.all()) !== shown(rows)) violations.push(`P1: remote ${shown(items.all())} local ${shown(rows)}`)

  const before = [scene.writes(), table.writes]
  await round()
  if (String(before) !== String([scene.writes(), table.writes])) violations.push('P2: a quiet round writes')

  const everything = [...items.all(), ...table.rows()]
  const keptIn = parked.flatMap(({ fields: kept }) =>
    Object.entries(kept).flatMap(([name, sides]) =>
      Object.values(sides).flatMap((value) => wordsOf(name === '*' ? (value as Fields) : { [name]: value })),
    ),
  )
  const present = new Set([...everything.flatMap(wordsOf), ...keptIn])
  const lost = [...typed.keys()].filter((word) => !present.has(word) && !replacedAt.has(word))
  if (lost.length > 0 && !(admits.overwrites === true && counts.unconditional > 0))
    violations.push(`P3: lost ${lost.join()}`)

  const mayDuplicate = admits.duplicates === true && counts.unknown > 0
  for (const list of [items.all(), rows]) {
    const words = list.flatMap(wordsOf)
    const twice = words.filter((word, at) => words.indexOf(word) !== at)
    if (twice.length > 0 && !mayDuplicate) violations.push(`P4: twice ${twice.join()}`)
  }
  for (const item of mayDuplicate ? [] : everything) {
    const words = wordsOf(item)
    const record = typed.get(words[0] ?? '')?.record
    const lives = removals.some(
      (removal) =>
        removal.record === record && !words.some((word) => isUnseen(typed.get(word), word, removal, replacedAt)),
    )
    if (lives) violations.push(`P6: ${words.join()} lives although it was removed`)
  }
  return { violations, counts }
}

/** Returns whether a removal could not see a word: the other side typed it meanwhile, or it was typed later. */
function isUnseen(
  origin: Typed | undefined,
  word: string,
  removal: { readonly side: Side; readonly at: number; readonly saw: ReadonlySet<string> },
  replacedAt: ReadonlyMap<string, number>,
): boolean {
  if (origin === undefined || removal.saw.has(word)) return false
  const isOfOther = origin.side !== removal.side && (replacedAt.get(word) ?? Number.POSITIVE_INFINITY) > removal.at
  return isOfOther || origin.at > removal.at
}
