import { expect } from 'vitest'
import type { Fields } from '../remote.ts'
import type { Replica, ReplicaChange } from '../replica.ts'

/** An edit that the host has begun and not committed. */
export interface OpenEdit {
  commit(): Promise<void>
}

/** The host's own writes to its table. */
export interface ReplicaHost {
  /** Returns the id of the new row. */
  create(item: Fields): Promise<string>
  edit(id: string, item: Fields): Promise<void>
  remove(id: string): Promise<void>
  /** Begins an edit in a transaction. For tables in a database with concurrent transactions. */
  begin?(id: string, item: Fields): Promise<OpenEdit>
}

export interface Subject {
  readonly replica: Replica
  /** Another replica over the same rows, or the same one. */
  readonly other: Replica
  readonly host: ReplicaHost
  readonly itemOf: (number: number) => Fields
}

/** One promise of the port. */
export interface ReplicaCheck {
  /** The promise, as a sentence. */
  readonly name: string
  readonly needs?: 'host' | 'begin' | undefined
  run(subject: Subject): Promise<void>
}

/** Writes through the replica, for a host that has no other way. */
export function hostThrough(replica: Replica): ReplicaHost {
  const versionOf = async (id: string): Promise<string> => (await replica.get(id))?.version ?? ''
  return {
    async create(item) {
      const put = await replica.put({ key: globalThis.crypto.randomUUID(), item, ifVersion: null })
      return written(put).id
    },
    async edit(id, item) {
      written(await replica.put({ id, key: id, item, ifVersion: await versionOf(id) }))
    },
    async remove(id) {
      expect(await replica.remove(id, await versionOf(id))).toEqual({ removed: true })
    },
  }
}

export type Put = Awaited<ReturnType<Replica['put']>>

/** Returns the result of a write that must have happened. */
export function written(put: Put): Exclude<Put, { readonly conflict: true }> {
  expect(put, 'put must write').not.toHaveProperty('conflict')
  return 'conflict' in put ? { id: '', version: '' } : put
}

export const isConflict = (result: object): boolean => 'conflict' in result

/** Reads the feed to its end. */
export async function changesAfter(replica: Replica, since: string | undefined): Promise<readonly ReplicaChange[]> {
  const changes: ReplicaChange[] = []
  for await (const change of replica.changes(since)) changes.push(change)
  return changes
}

const MAX_READS = 150
const PAUSE_MS = 20

/** A reader that follows a feed by its cursors, as a sync does. */
export class Follower {
  readonly #replica: Replica
  cursor: string | undefined
  /** The last change of each row. */
  readonly seen = new Map<string, ReplicaChange>()

  constructor(replica: Replica, cursor?: string) {
    this.#replica = replica
    this.cursor = cursor
  }

  async read(): Promise<void> {
    for (const change of await changesAfter(this.#replica, this.cursor)) {
      this.seen.set(change.id, change)
      this.cursor = change.cursor
    }
  }

  /** Reads until the feed has shown something: a feed may be late, but must not lose it. */
  async until(hasShown: (seen: ReadonlyMap<string, ReplicaChange>) => boolean): Promise<boolean> {
    for (let reads = 0; reads < MAX_READS; reads++) {
      await this.read()
      if (hasShown(this.seen)) return true
      await new Promise((resolve) => {
        setTimeout(resolve, PAUSE_MS)
      })
    }
    return false
  }
}

/** Returns a reader that has read everything so far. */
export async function upToDate(replica: Replica, ids: readonly string[]): Promise<Follower> {
  const follower = new Follower(replica)
  expect(await follower.until((seen) => ids.every((id) => seen.has(id)))).toBe(true)
  await follower.read()
  follower.seen.clear()
  return follower
}
