import { elementsOf } from './images.ts'
import type { Images } from './images.ts'
import type { SyncKeys } from './keys.ts'
import type { FieldPolicy } from './options.ts'
import type { Choice, ParkedField, Side } from './pairs.ts'
import type { ChangeTime, Fields } from './remote.ts'

/** One side of a merge: its record, the digests of it, and the digests it had when both sides last agreed. */
export interface MergeSide {
  readonly item: Fields
  readonly now: Images
  readonly was: Images
  readonly changed?: ChangeTime | undefined
}

export interface MergeInput {
  readonly keys: SyncKeys
  readonly remote: MergeSide
  readonly local: MergeSide
  readonly readOnly: ReadonlySet<string>
  readonly sets: ReadonlySet<string>
  readonly policy: FieldPolicy | Readonly<Record<string, FieldPolicy>>
  readonly parked: Readonly<Record<string, ParkedField>>
  readonly chosen: Readonly<Record<string, Choice>>
}

export interface Merged {
  readonly toLocal: Fields
  readonly remoteImage: Images
  /** A field that differs from the local item has still to be sent. */
  readonly localImage: Images
  /** Values that lost. */
  readonly overwritten: readonly { readonly field: string; readonly side: Side; readonly value: unknown }[]
  /** Fields that wait for a decision. Those that are new have no `values` yet. */
  readonly parked: Readonly<Record<string, ParkedField>>
  readonly conflicts: number
}

/**
 * Merges what the provider reports into the local record, field by field. Each side is compared with its own last image
 * only, and an image advances only for fields that were compared (I2). A field that is not known did not change.
 */
export async function mergeRemote(input: MergeInput): Promise<Merged> {
  const { remote, local, readOnly, sets, chosen } = input
  const toLocal: Record<string, unknown> = {}
  const remoteImage: Record<string, string> = { ...remote.was }
  const localImage: Record<string, string> = { ...local.was }
  const parked: Record<string, ParkedField> = { ...input.parked }
  const overwritten: { field: string; side: Side; value: unknown }[] = []
  let conflicts = 0

  for (const [field, theirs] of Object.entries(remote.now)) {
    const ours = local.now[field]
    const localChanged = ours !== undefined && ours !== local.was[field]
    const mustRestore = localChanged && readOnly.has(field)
    if (theirs === remote.was[field] && !mustRestore) continue
    const take = (): void => {
      if (ours !== theirs) toLocal[field] = remote.item[field]
      remoteImage[field] = theirs
      localImage[field] = theirs
    }
    const known = parked[field]
    delete parked[field]
    if (!localChanged || ours === theirs) {
      take()
      continue
    }
    if (sets.has(field)) {
      const merged = await mergeSet(input, field)
      if (merged.image !== ours) toLocal[field] = merged.elements
      remoteImage[field] = theirs
      // What the provider lacks of the merged set has still to be sent.
      localImage[field] = theirs
      continue
    }
    const winner = mustRestore ? 'remote' : (chosen[field] ?? decide(input, field))
    if (winner === 'park') {
      const isKnown = known?.remote === theirs && known.local === ours
      parked[field] = isKnown ? known : { remote: theirs, local: ours, values: '' }
      if (!isKnown) conflicts++
      continue
    }
    conflicts++
    if (winner === 'remote') {
      overwritten.push({ field, side: 'local', value: local.item[field] })
      take()
    } else {
      overwritten.push({ field, side: 'remote', value: remote.item[field] })
      remoteImage[field] = theirs
    }
  }
  return { toLocal, remoteImage, localImage, overwritten, parked, conflicts }
}

function decide({ policy, remote, local }: MergeInput, field: string): Choice | 'park' {
  const chosen = typeof policy === 'string' ? policy : (policy[field] ?? 'remote')
  if (chosen !== 'newest') return chosen
  const { changed: theirs } = remote
  const { changed: ours } = local
  if (theirs === undefined || ours === undefined || theirs.clock !== ours.clock || theirs.at === ours.at) return 'park'
  return theirs.at > ours.at ? 'remote' : 'local'
}

/** Keeps what both have, and what one side added; drops what one side removed. */
async function mergeSet(
  { keys, remote, local }: MergeInput,
  field: string,
): Promise<{ readonly elements: readonly unknown[]; readonly image: string }> {
  const base = new Set([remote.was[field], local.was[field]].flatMap((image) => image?.split(',') ?? []))
  const theirs = await elementsOf(keys, field, remote.item[field])
  const ours = await elementsOf(keys, field, local.item[field])
  const kept = [...new Map([...theirs, ...ours])].filter(
    ([digest]) => (theirs.has(digest) && ours.has(digest)) || !base.has(digest),
  )
  return {
    elements: kept.map(([, element]) => element),
    image: kept
      .map(([digest]) => digest)
      .toSorted()
      .join(','),
  }
}
