import type { KindName } from './kinds.ts'

interface Edit {
  readonly file: string
  readonly from: string
  readonly to: string
}

/** A step of the algorithm, broken in its source. */
export interface Mutant {
  readonly name: string
  /** The kind of provider at which it is found. */
  readonly kind: KindName
  readonly edits: readonly Edit[]
}

const one = (file: string, from: string, to: string): readonly Edit[] => [{ file, from, to }]

/** Sends and compares the row as it is now, where the intent says what was sent. */
const NEWEST = '((await run.replica.get(pair.local.id))?.item ?? (await unseal(run, intent.item)))'

export const mutants: readonly Mutant[] = [
  {
    name: 'an expired cursor does not wipe',
    kind: 'full',
    edits: one('round.ts', 'if (isComplete) await stageAbsent(run)', ''),
  },
  {
    name: 'the sweep does not wait for the last page',
    kind: 'full',
    edits: one('round.ts', 'if (next === undefined) return', 'if (next === undefined || at.round.full) return'),
  },
  {
    name: 'a resumed round sweeps by the list of another window',
    kind: 'full',
    edits: one('round.ts', "if (round.phase === 'pull' && round.page === undefined)", 'if (false)'),
  },
  {
    name: 'the cursor moves before the page is applied',
    kind: 'full',
    edits: one(
      'round.ts',
      'await applyPage(run, page, readAt)',
      `at = { ...(await savePlace(run.options.store, run.options.prefix, at, { since: page.checkpoint })), round: at.round }
    await applyPage(run, page, readAt)`,
    ),
  },
  {
    name: 'the cursor comes from the last page',
    kind: 'full',
    edits: one(
      'round.ts',
      'checkpoint: at.round.checkpoint ?? page.checkpoint',
      'checkpoint: page.checkpoint ?? at.round.checkpoint',
    ),
  },
  {
    name: 'no intent precedes a create',
    kind: 'full',
    edits: one(
      'create-remote.ts',
      'const begun = await run.pairs.save(pair, {',
      'const begun = ((_, changes) => ({ ...pair, ...changes }))(pair, {',
    ),
  },
  {
    name: 'a retry takes a fresh id',
    kind: 'full',
    edits: one(
      'create-remote.ts',
      '{ id: intent.id, idempotencyKey',
      '{ id: intent.id && intent.id + run.now(), idempotencyKey',
    ),
  },
  {
    name: 'a retry sends the newest content',
    kind: 'full',
    edits: [
      {
        file: 'create-remote.ts',
        from: `const item = (await unseal(run, intent.item)) as Fields
  const { signal } = run`,
        to: `const item = ${NEWEST}
  const { signal } = run`,
      },
      {
        file: 'create-remote.ts',
        from: 'const image = intent.otherItem ? {} : await images(run, (await unseal(run, intent.item)) as Fields)',
        to: `const image = await images(run, ${NEWEST})`,
      },
      { file: 'create-remote.ts', from: 'local: intent.otherItem && local ?', to: 'local: local ?' },
    ],
  },
  {
    name: 'the echo of a write is applied',
    kind: 'full',
    edits: [
      { file: 'take-remote.ts', from: 'const changed = differs(now, remote.image)', to: 'const changed = true' },
      {
        file: 'take-remote.ts',
        from: 'if (!forced && record.version !== undefined && record.version === remote.version) return { pair }',
        to: '',
      },
      { file: 'merge.ts', from: 'if (theirs === remote.was[field] && !mustRestore) continue', to: '' },
    ],
  },
  {
    name: 'the image is what was sent',
    kind: 'full',
    edits: one('create-remote.ts', 'asStored[field] ?? digest', 'digest'),
  },
  {
    name: 'the image is the whole response',
    kind: 'no etags',
    edits: one(
      'push-local.ts',
      'image: { ...remote.image, ...(await spelledImage(run, changes, answer.item)) }',
      'image: await images(run, answer.item)',
    ),
  },
  {
    name: 'writes carry no version',
    kind: 'full',
    edits: [
      {
        file: 'push-local.ts',
        from: 'const version = conditionalWrites ? remote.version : undefined',
        to: 'const version = undefined',
      },
      {
        file: 'removals.ts',
        from: 'const version = conditionalRemovals ? current.remote?.version : undefined',
        to: 'const version = undefined',
      },
    ],
  },
  {
    name: 'a removal wins silently',
    kind: 'full',
    edits: [
      { file: 'removals.ts', from: "{ edit: 'local', removal", to: "{ edit: 'remote', removal" },
      {
        file: 'removals.ts',
        from: "await keepOverwritten(run, pair, [{ field: '*', side: 'local', value: row.item }])",
        to: '',
      },
    ],
  },
  {
    name: 'a dead mapping is forgotten',
    kind: 'full',
    edits: one(
      'removals.ts',
      "await unpark(run, pair.key, 'failing')",
      'await run.options.store.delete(`${run.options.prefix}/m/${pair.key}`)',
    ),
  },
  {
    name: 'old ids are forgotten',
    kind: 'full',
    edits: one('incoming.ts', 'const current = await currentState(run, pair, key, record)', 'const current = record'),
  },
  {
    name: 'nothing brakes',
    kind: 'full',
    edits: one('sweep.ts', "if (brake === 'off') return undefined", 'return undefined'),
  },
  {
    name: 'a new record does not wait for an open create',
    kind: 'keys',
    edits: one('incoming.ts', 'if (await hasOpenCreate(run)) return', 'if (false) return'),
  },
  {
    name: 'the second row of a create stays',
    kind: 'keys',
    edits: one('created-twice.ts', 'const isCopy = !other.dead && other.remote?.id === id', 'const isCopy = false'),
  },
  {
    name: 'a hinted removal is believed',
    kind: 'hinted',
    edits: one(
      'removals.ts',
      "const isDoubtful = pair.revived || run.remote.traits.removals === 'hinted'",
      'const isDoubtful = pair.revived',
    ),
  },
  {
    name: 'mappings are written without comparing',
    kind: 'full',
    edits: one('pairs.ts', '{ ifVersion: stored, ttlMs }', '{ ttlMs }'),
  },
]
