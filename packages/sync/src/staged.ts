import { listAll } from '@mcpclient/core'
import type { Pair, Side } from './pairs.ts'
import type { Run } from './run.ts'

/** A removal that waits for the end of the round: which side lost the record, or both, or `absent` from a full list. */
export type Removal = Side | 'both' | 'absent'

export interface StagedRemoval {
  readonly row: string
  readonly key: string
  readonly removal: Removal
  /** The life of the pair that is meant: a record that was created again meanwhile is another one. */
  readonly life: number
  /** The time when the read was sent that showed it. Of `both`, the read of the provider. */
  readonly at: number
  /** The version of the pair's row at that moment. */
  readonly stored: string
}

/** Stages a removal. None is applied before the round has ended (I4). */
export async function stage(run: Run, pair: Pair, removal: Removal, at = run.now()): Promise<void> {
  run.lastStaged = pair.key
  const { key, value } = await stagedRow(run, pair, removal, at)
  await run.options.store.put(key, value)
}

/** Returns the row of a staged removal, together with one of the other side that is staged already. */
export async function stagedRow(run: Run, { key, life, stored }: Pair, removal: Removal, at = run.now()) {
  const row = rowKey(run, key)
  const earlier = run.staged ? (await run.options.store.get(row))?.value : undefined
  run.staged = true
  const first = earlier?.split(' ', 1)[0]
  if (removal === 'local' && (first === 'remote' || first === 'both')) {
    return { key: row, value: earlier?.replace('remote', 'both') ?? '' }
  }
  // One that the provider has to confirm stays doubtful.
  if (removal === 'local' && first === 'absent') return { key: row, value: `both ${life} 0 ${stored}` }
  const both = removal === 'remote' && (first === 'local' || first === 'both')
  return { key: row, value: `${both ? 'both' : removal} ${life} ${at} ${stored}` }
}

const rowKey = ({ options, round }: Run, key: string): string => `${options.prefix}/d/${round.id}/${key}`

export async function isStaged(run: Run, key: string): Promise<boolean> {
  return (await run.options.store.get(rowKey(run, key))) !== undefined
}

/** Handles a record that is shown while its removal is staged. One of the two reads is older, so it is read again at the end. */
export async function doubtRemoval(run: Run, pair: Pair): Promise<void> {
  if (!run.staged) return
  const { store } = run.options
  const key = rowKey(run, pair.key)
  const row = await store.get(key)
  if (row?.value.startsWith('remote')) await stage(run, pair, 'absent')
  if (row?.value.startsWith('both')) await store.put(key, row.value.replace('both', 'local'))
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
