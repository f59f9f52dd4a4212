import { writeAll } from '@mcpclient/core'
import type { Pair, Side } from './pairs.ts'
import type { Run } from './run.ts'
import { seal } from './run.ts'

/**
 * The reason for parking a record: `conflict`: both sides changed a field · `removed`: one side removed what the other changed ·
 * `overwritten`: a value lost a conflict and is kept · `unknown`: a create may have happened · `failing`: it failed several
 * times · `unreadable`: it does not match the schema.
 */
export type ParkedKind = 'conflict' | 'removed' | 'overwritten' | 'unknown' | 'failing' | 'unreadable'

/** A stored row. Values are sealed; those of a conflict stand in its pair. */
export interface ParkedRecord {
  readonly kind: ParkedKind
  readonly at: number
  readonly remoteId?: string | undefined
  readonly localId?: string | undefined
  readonly reason?: string | undefined
  /** Remote records that may be the one. */
  readonly candidates?: readonly string[] | undefined
  readonly fields?: Readonly<Record<string, Readonly<Partial<Record<Side, string>>>>> | undefined
}

const OVERWRITTEN_MS = 90 * 24 * 60 * 60 * 1000

/** Parks a pair, once a kind. */
export async function park(
  run: Run,
  pair: Pick<Pair, 'key' | 'remote' | 'local'>,
  kind: ParkedKind,
  details: Omit<Partial<ParkedRecord>, 'kind'> = {},
): Promise<void> {
  const { store, prefix } = run.options
  const record: ParkedRecord = {
    kind,
    at: run.now(),
    remoteId: pair.remote?.id,
    localId: pair.local?.id,
    ...details,
  }
  const key = `${prefix}/p/${pair.key}/${kind}`
  const first = (await store.get(key)) === undefined
  await store.put(key, JSON.stringify(record))
  if (first) run.tally.parked++
}

export async function unpark({ options: { store, prefix } }: Run, key: string, ...kinds: ParkedKind[]): Promise<void> {
  await writeAll(
    store,
    kinds.map((kind) => ({ key: `${prefix}/p/${key}/${kind}`, delete: true })),
  )
}

/** Hides what waited for a decision that is not needed any more. */
export const unparkChoices = (run: Run, key: string): Promise<void> => unpark(run, key, 'conflict', 'removed')

/** Keeps a value that lost. */
export async function keepOverwritten(
  run: Run,
  pair: Pair,
  lost: readonly { readonly field: string; readonly side: Side; readonly value: unknown }[],
): Promise<void> {
  const { store, prefix, keys } = run.options
  for (const { field, side, value } of lost) {
    // The same value is kept once, however often the step is repeated.
    const name = await keys.digest(`overwritten ${field} ${side}`, JSON.stringify(value ?? null))
    const record: ParkedRecord = {
      kind: 'overwritten',
      at: run.now(),
      remoteId: pair.remote?.id,
      localId: pair.local?.id,
      fields: { [field]: { [side]: await seal(run, value ?? null) } },
    }
    await store.put(`${prefix}/p/${pair.key}/overwritten/${name}`, JSON.stringify(record), { ttlMs: OVERWRITTEN_MS })
    run.tally.overwritten++
  }
}
