import { memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { seededRandom } from '@mcpclient/testing'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Follower } from '../src/contract/replica-check.ts'
import { storeReplica } from '../src/store-replica.ts'
import { inTurns, startActor } from './simulation/actors.ts'
import type { Turns } from './simulation/actors.ts'

const HISTORIES = 1000
const PREFIX = 'replica/ada/events'

/** Gives each operation of an actor a turn, one after another: an actor waits for one turn only. */
function storeInTurns(inner: Store, turns: Turns): Store {
  const { get, put, delete: remove, list } = inTurns(inner, turns, ['get', 'put', 'delete', 'list'], () => {})
  let last: Promise<unknown> = Promise.resolve()
  const queued = <Result>(operation: () => Promise<Result>): Promise<Result> => {
    const result = last.then(operation)
    last = result.catch(() => {})
    return result
  }
  return {
    get: (...given) => queued(() => get(...given)),
    put: (...given) => queued(() => put(...given)),
    delete: (...given) => queued(() => remove(...given)),
    // In two pieces, like a store that is spread over several servers: a list is no snapshot.
    async list(prefix, options) {
      const pieces = [await queued(() => list(prefix, options)), await queued(() => list(prefix, options))]
      const entries = pieces.flatMap((piece, odd) => piece.entries.filter(({ key }) => Number(key.at(-1)) % 2 === odd))
      return { entries: entries.toSorted((one, other) => (one.key < other.key ? -1 : 1)) }
    },
  }
}

/** Runs writers and readers over one store, one store operation at a time, while some die. */
async function history(seed: number) {
  const random = seededRandom(`replica ${seed}`)
  const inner = memoryStore()
  const follower = new Follower(storeReplica(inner, PREFIX))
  const writer = (name: string) =>
    startActor(async (turns) => {
      const replica = storeReplica(storeInTurns(inner, turns), PREFIX)
      for (let turn = 0; turn < 4; turn++) {
        const key = `row-${Math.floor(random() * 3)}`
        const row = await replica.get(key)
        const item = { title: `${name} ${turn}` }
        if (row === undefined) await replica.put({ key, item, ifVersion: null })
        else if (random() < 0.3) await replica.remove(key, row.version)
        else await replica.put({ id: key, key, item, ifVersion: row.version })
      }
    })
  const reader = () =>
    startActor(async (turns) => {
      const replica = storeReplica(storeInTurns(inner, turns), PREFIX)
      for await (const change of replica.changes(follower.cursor)) {
        follower.seen.set(change.id, change)
        follower.cursor = change.cursor
      }
    })
  let writers = ['a', 'b', 'c'].map((name) => ({
    actor: writer(name),
    left: random() < 0.3 ? random() * 60 : Infinity,
    pausedUntil: 0,
  }))
  let reading = reader()
  let readsFrom = 0
  for (let step = 0; writers.length > 0; step++) {
    if (step >= readsFrom && random() < 0.5 && (await reading.step()) !== undefined) reading = reader()
    if (random() < 0.05) readsFrom = step + random() * 100
    const each = writers[Math.floor(random() * writers.length)]
    if (each === undefined || each.pausedUntil > step) continue
    // Long enough for the others to write and to read in between.
    if (random() < 0.1) each.pausedUntil = step + random() * 100
    each.left--
    if (each.left < 0 || (await each.actor.step()) !== undefined) writers = writers.filter((other) => other !== each)
  }
  await follower.read()
  const replica = storeReplica(inner, PREFIX)
  const everything = new Follower(replica)
  await everything.read()
  const rows = await Array.fromAsync(replica.rows(), ({ id, version }) => `${id} ${version}`)
  return { rows: rows.toSorted(), followed: live(follower), listed: live(everything) }
}

/** Returns the rows that exist, as a reader has seen them. */
const live = ({ seen }: Follower): readonly string[] =>
  [...seen.values()].flatMap(({ id, item, version }) => (item === null ? [] : [`${id} ${version}`])).toSorted()

// A consumer that waits for a late write sees it come no earlier than its turn.
beforeEach(() => {
  vi.stubGlobal('setTimeout', (run: () => void) => {
    queueMicrotask(run)
  })
})

afterEach(() => {
  vi.unstubAllGlobals()
})

it(`hides no change behind a cursor in ${HISTORIES} histories of writers that die`, async () => {
  for (let seed = 0; seed < HISTORIES; seed++) {
    const { rows, followed, listed } = await history(seed)
    expect({ seed, followed, listed }).toEqual({ seed, followed: rows, listed: rows })
  }
})
