import type { Parked } from '@mcpclient/sync'
import type { FakeClock } from '@mcpclient/testing'
import type { HistoryContext, HistoryReport, HistoryScene, Judgement } from './hostile-history.ts'
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

/** Something that is on or off, which users toggle. */
export interface ToggledField {
  /** The share of the changes that toggle it. */
  readonly chance: number
  readonly isOn: (item: Fields) => boolean
  readonly write: (isOn: boolean) => Fields
}

/** The items of a simulated provider, seen by a user. Each has an `id`. */
export interface RemoteItems {
  insert(item: Fields): unknown
  patch(id: string, changes: Fields): Promise<void> | void
  remove(id: string): Promise<void> | void
  all(): readonly Fields[]
}

export interface WordEditsOptions {
  readonly clock: FakeClock
  readonly table: Table
  readonly items: RemoteItems
  readonly fields: readonly [WordField, WordField, ...WordField[]]
  readonly toggled?: ToggledField | undefined
  readonly parked: () => Promise<readonly Parked[]>
  /** Losses that the guarantees of the provider's kind allow, and that a result has to report. */
  readonly admits?: { readonly duplicates?: boolean; readonly overwrites?: boolean } | undefined
}

interface Typed {
  readonly side: Side
  readonly record: number
  readonly at: number
}

interface Removal {
  readonly record: number
  readonly side: Side
  readonly at: number
  readonly saw: ReadonlySet<string>
}

const asWord = (word: string): unknown => word

/** Composes users who create, change and remove records on both sides, and the judge who knows every word they typed. */
export function wordEdits(
  { chance, pick }: Pick<HistoryContext, 'chance' | 'pick'>,
  { clock, table, items, fields, toggled, parked: readParked, admits = {} }: WordEditsOptions,
): Required<Pick<HistoryScene, 'edit' | 'judge' | 'counts'>> {
  const typed = new Map<string, Typed>()
  const replacedAt = new Map<string, number>()
  const removals: Removal[] = []
  const toggles: Typed[] = []
  const counts = { removals: 0, conflicts: 0, unknown: 0, unconditional: 0 }
  let records = 0

  const wordsOf = (item: Fields): readonly string[] =>
    fields.flatMap(({ name, read = (value) => value }) => {
      const word = read(item[name])
      return typeof word === 'string' && word !== '' ? [word] : []
    })
  const recordOf = (words: readonly string[]): number => typed.get(words[0] ?? '')?.record ?? 0
  const rowIdOf = (row: Fields): string => table.idWhere((each) => each === row)
  const type = (side: Side, record: number): string => {
    const word = `w${typed.size}x`
    typed.set(word, { side, record, at: clock.now() })
    return word
  }
  const itemFor = (side: Side, record: number): Fields =>
    Object.fromEntries(fields.map(({ name, write = asWord }) => [name, write(type(side, record))]))
  const replace = (words: readonly string[]): void => {
    for (const word of words) if (!replacedAt.has(word)) replacedAt.set(word, clock.now())
  }
  const changesTo = (row: Fields, side: Side, record: number): Fields => {
    if (toggled !== undefined && chance(toggled.chance)) {
      toggles.push({ side, record, at: clock.now() })
      return toggled.write(!toggled.isOn(row))
    }
    const { name, write = asWord } = pick(fields) ?? fields[0]
    replace(wordsOf({ [name]: row[name] }))
    return { [name]: write(type(side, record)) }
  }

  async function edit(): Promise<void> {
    const side: Side = chance(0.5) ? 'remote' : 'local'
    const row = chance(0.3) ? undefined : pick(side === 'remote' ? items.all() : table.rows())
    if (row === undefined) {
      const record = ++records
      if (side === 'local') table.edit(`l${record}`, itemFor(side, record))
      else await items.insert(itemFor(side, record))
      return
    }
    const words = wordsOf(row)
    const record = recordOf(words)
    const id = side === 'remote' ? String(row['id']) : rowIdOf(row)
    if (chance(0.2)) {
      counts.removals++
      replace(words)
      removals.push({ record, side, at: clock.now(), saw: new Set(words) })
      if (side === 'remote') await items.remove(id)
      else table.drop(id)
      return
    }
    const changes = changesTo(row, side, record)
    if (side === 'remote') await items.patch(id, changes)
    else table.edit(id, changes)
  }

  /** Returns whether a removal could not see a word: the other side typed it meanwhile, or it was typed later. */
  const isUnseen = (word: string, { side, at, saw }: Removal): boolean => {
    const origin = typed.get(word)
    if (origin === undefined || saw.has(word)) return false
    return (origin.side !== side && (replacedAt.get(word) ?? Number.POSITIVE_INFINITY) > at) || origin.at > at
  }
  const wasRemoved = (words: readonly string[]): boolean =>
    removals
      .filter(({ record }) => record === recordOf(words))
      .some(
        (removal) =>
          !words.some((word) => isUnseen(word, removal)) &&
          !toggles.some(
            ({ record, side, at }) => record === removal.record && (side !== removal.side || at > removal.at),
          ),
      )

  async function judge(report: HistoryReport): Promise<Judgement> {
    Object.assign(counts, report)
    const violations: string[] = []
    const admitted = new Set<string>()
    const admit = (name: 'lost' | 'duplicate', isAllowed: boolean, violation: string): void => {
      if (isAllowed) admitted.add(name)
      else violations.push(violation)
    }
    const parked = await readParked()
    // A row whose create is unknown waits for a decision.
    const isOpen = ({ kind }: Parked): boolean => kind === 'unknown'
    const undecided = new Set(parked.filter(isOpen).map(({ localId }) => localId))
    const remote = items.all()
    const rows = table.rows().filter((row) => !undecided.has(rowIdOf(row)))
    const everything = [...remote, ...table.rows()]

    const shown = (list: readonly Fields[]): string =>
      JSON.stringify(list.map((item) => [...wordsOf(item), toggled?.isOn(item)].join(' ')).toSorted())
    if (shown(remote) !== shown(rows)) violations.push(`P1: remote ${shown(remote)} local ${shown(rows)}`)

    const keptIn = parked.flatMap(({ fields: kept }) =>
      Object.entries(kept).flatMap(([name, sides]) =>
        Object.values(sides).flatMap((value) => wordsOf(name === '*' ? (value as Fields) : { [name]: value })),
      ),
    )
    const present = new Set([...everything.flatMap(wordsOf), ...keptIn])
    const lost = [...typed.keys()].filter((word) => !present.has(word) && !replacedAt.has(word))
    if (lost.length > 0)
      admit('lost', admits.overwrites === true && report.unconditional > 0, `P3: lost ${lost.join()}`)

    const mayDuplicate = admits.duplicates === true && report.unknown > 0
    for (const list of [remote, rows]) {
      const words = list.flatMap(wordsOf)
      const twice = words.filter((word, at) => words.indexOf(word) !== at)
      if (twice.length > 0) admit('duplicate', mayDuplicate, `P4: twice ${twice.join()}`)
    }
    for (const words of everything.map(wordsOf)) {
      if (wasRemoved(words)) admit('duplicate', mayDuplicate, `P6: ${words.join()} lives although it was removed`)
    }
    return { violations, admitted: [...admitted] }
  }

  return { edit, judge, counts }
}
