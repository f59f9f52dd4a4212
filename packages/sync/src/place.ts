import type { Store, Version } from '@mcpclient/core'
import type { SyncEngineOptions } from './options.ts'
import { Superseded } from './superseded.ts'

/** The steps of a round that are resumed where they stopped. */
export type Phase = 'pull' | 'push' | 'children' | 'removals'

export type Recovery = 'expired_cursor' | 'lost_page' | 'changed_fields'

/** A round that has begun and not been committed. */
export interface Round {
  readonly id: number
  readonly startedAt: number
  /** Without a checkpoint: everything is listed. */
  readonly full: boolean
  readonly phase: Phase
  readonly page?: string | undefined
  /** The first checkpoint that the round returned. */
  readonly checkpoint?: string | undefined
  /** The cursor up to which the phase has handled the host's changes. */
  readonly local?: string | undefined
  /** The cursor at which the push phase ended: it is committed. */
  readonly localEnd?: string | undefined
  /** The brake was checked, and removals may be applied. */
  readonly released?: boolean | undefined
  readonly recovered?: Recovery | undefined
}

/** The position of a sync: the committed cursors, and the round that runs. */
export interface PlaceRecord {
  readonly since?: string | undefined
  readonly local?: string | undefined
  readonly fullAt?: number | undefined
  /** The fields that the images cover. */
  readonly fields: string
  readonly rounds: number
  readonly withoutCheckpoint: number
  readonly round?: Round | undefined
}

export interface Place extends PlaceRecord {
  readonly stored: Version | null
}

export async function loadPlace(store: Store, prefix: string): Promise<Place | undefined> {
  const row = await store.get(`${prefix}/place`)
  return row && { ...(JSON.parse(row.value) as PlaceRecord), stored: row.version }
}

export async function savePlace(
  { store, prefix }: Pick<SyncEngineOptions, 'store' | 'prefix'>,
  place: Place,
  changes: Partial<PlaceRecord>,
): Promise<Place> {
  const { stored, ...record } = { ...place, ...changes }
  const put = await store.put(`${prefix}/place`, JSON.stringify(record), { ifVersion: stored })
  if ('conflict' in put) throw new Superseded()
  return { ...record, stored: put.version }
}
