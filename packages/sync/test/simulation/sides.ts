import type { Parked } from '../../src/parked-records.ts'
import { spelling } from './oracle.ts'
import type { Values } from './oracle.ts'
import { FIELDS, shownRecords } from './simulation-context.ts'
import type { SimulationContext } from './simulation-context.ts'

export interface Sides {
  readonly remote: readonly Values[]
  readonly local: readonly Values[]
}

/** Returns both sides as a user sees them, without what waits for a decision. */
export function sidesOf(simulation: SimulationContext, parked: readonly Parked[]): Sides {
  const conflicts = parked.filter(({ kind }) => kind === 'conflict' || kind === 'removed')
  const open = parked.filter(({ kind }) => kind === 'unknown')
  const hidden = (row: { id: string; item: Values }, side: 'remoteId' | 'localId'): Values => {
    const fields = conflicts.filter((each) => each[side] === row.id).flatMap((each) => Object.keys(each.fields))
    return Object.fromEntries(
      Object.entries(row.item).map(([field, value]) => [field, fields.includes(field) ? '*' : value]),
    )
  }
  const remote = shownRecords(simulation, parked).map((row) => hidden(row, 'remoteId'))
  const local = simulation.replica
    .rows()
    .filter(({ id }) => !open.some(({ localId }) => localId === id))
    .map((row) => hidden(row, 'localId'))
  return { remote, local }
}

export const sorted = (rows: readonly Values[]): string =>
  JSON.stringify(rows.map((row) => FIELDS.map((field) => spelling(row[field])).join(' ')).toSorted())

export const isEqual = (simulation: SimulationContext, parked: readonly Parked[]): boolean => {
  const { remote, local } = sidesOf(simulation, parked)
  return sorted(remote) === sorted(local)
}

/** Returns the words that stand in more than one field. */
export function wordsTwice(rows: readonly Values[]): readonly string[] {
  const words = rows.flatMap((row) => FIELDS.map((field) => spelling(row[field]))).filter((word) => word !== '*')
  return words.filter((word, at) => words.indexOf(word) !== at)
}

/** Returns the words on both sides, and those that are parked. */
export function presentWords({ provider, replica }: SimulationContext, parked: readonly Parked[]): ReadonlySet<string> {
  return new Set([
    ...[...provider.records(), ...replica.rows()].flatMap(({ item }) => Object.values(item).map(spelling)),
    ...parked.flatMap(({ fields }) => Object.values(fields).flatMap((sides) => Object.values(sides).flatMap(wordsOf))),
  ])
}

const wordsOf = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null ? Object.values(value).map(spelling) : [spelling(value)]

export const engineWrites = ({ provider, replica }: SimulationContext): number => provider.writes() + replica.writes
