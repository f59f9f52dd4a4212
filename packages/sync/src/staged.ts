import { listAll } from '@mcpclient/core'
import type { Pair, Side } from './pairs.ts'
import type { Run } from './run.ts'

/** A removal that waits for the end of the round: which side lost the record, or `absent` from a full list. */
export type Removal = Side | 'absent'

export interface StagedRemoval {
  readonly row: string
  readonly key: string
  readonly removal: Removal
  /** The life of the pair that is meant: a record that was created again meanwhile is another one. */
  readonly life: number
  /** The time when the read was sent that showed it. */
  readonly at: number
  /** The version of the pair's row at that moment. */
  readonly stored: string
}

/** Stages a removal. None is applied before the round has ended (I4). */
export async function stage(run: Run, pair: Pair, removal: Removal, at = run.now()): Promise<void> {
  run.lastStaged = pair.key
  const { key, value } = stagedRow(run, pair, removal, at)
  await run.options.store.put(key, value)
}

/** Returns the row of a staged removal. */
export function stagedRow(run: Run, { key, life, stored }: Pair, removal: Removal, at = run.now()) {
  run.staged = true
  return { key: `${run.options.prefix}/d/${run.round.id}/${key}`, value: `${removal} ${life} ${at} ${stored}` }
}

export async function isStaged({ options: { store, prefix }, round }: Run, key: string): Promise<boolean> {
  return (await store.get(`${prefix}/d/${round.id}/${key}`)) !== undefined
}

/** Handles a record that is shown while its removal is staged. One of the two reads is older, so it is read again at the end. */
export async function doubtRemoval(run: Run, pair: Pair): Promise<void> {
  if (!run.staged) return
  const { store, prefix } = run.options
  const row = await store.get(`${prefix}/d/${run.round.id}/${pair.key}`)
  if (row?.value.startsWith('remote')) await stage(run, pair, 'absent')
}

/** Yields the removals of a round. */
export async function* stagedRemovals(run: Run): AsyncGenerator<StagedRemoval> {
  const { store, prefix } = run.options
  const staged = `${prefix}/d/${run.round.id}/`
  for await (const { key: row, value } of listAll(store, staged)) {
    const [removal, life, at, ...stored] = value.split(' ')
    yield {
      row,
      key: row.slice(staged.length),
      removal: removal as Removal,
      life: Number(life),
      at: Number(at),
      stored: stored.join(' '),
    }
  }
}
