import type { Taken } from './local-writes.ts'
import type { Pair } from './pairs.ts'
import { pushLocal } from './push-local.ts'
import { removeAbsent, removeLocal, removeRemote } from './removals.ts'
import type { Run } from './run.ts'
import type { Removal } from './staged.ts'

/** Applies one staged removal, or what turned out to win over it. */
export async function finishRemoval(run: Run, pair: Pair, removal: Removal): Promise<void> {
  const { pair: next, unsent } = await apply(run, pair, removal)
  if (unsent !== undefined) await pushLocal(run, next, unsent)
}

function apply(run: Run, pair: Pair, removal: Removal): Promise<Taken> {
  if (removal === 'local') return removeRemote(run, pair)
  if (removal === 'absent' && pair.remote !== undefined) return removeAbsent(run, pair, pair.remote.id)
  return removeLocal(run, pair)
}
