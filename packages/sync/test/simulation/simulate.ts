import { memoryStore, writeAll } from '@mcpclient/core'
import type { Clock, Store, WriteResult } from '@mcpclient/core'
import { seededRandom } from '@mcpclient/testing'
import { simulatedProvider } from '@mcpclient/testing/simulators'
import type { SimulatedProvider } from '@mcpclient/testing/simulators'
import type { runSync } from '../../src/engine.ts'
import type { SyncEngineOptions } from '../../src/options.ts'
import { parkedRecords } from '../../src/parked-records.ts'
import type { Parked } from '../../src/parked-records.ts'
import type { Remote } from '../../src/remote.ts'
import type { Replica } from '../../src/replica.ts'
import type { SyncResult } from '../../src/result.ts'
import { inTurns, startActor } from './actors.ts'
import type { Actor, Turns } from './actors.ts'
import { fastKeys } from './fast-keys.ts'
import { kinds } from './kinds.ts'
import type { Kind, KindName } from './kinds.ts'
import { createOracle, spelling } from './oracle.ts'
import type { Oracle, Side, Values } from './oracle.ts'
import { simulatedReplica } from '../simulated-replica.ts'
import type { SimulatedReplica } from '../simulated-replica.ts'

export type RunSync = typeof runSync

/** The predicates of the property test. */
export type Predicate = 'P1' | 'P2' | 'P3' | 'P4' | 'P5' | 'P6' | 'P7' | 'failed'

export interface Violation {
  readonly predicate: Predicate
  readonly text: string
}

export interface Outcome {
  readonly seed: number
  readonly violations: readonly Violation[]
  /** Losses that the guarantees of the kind allow, and that the results reported. */
  readonly admitted: readonly ('lost' | 'lost in the lag' | 'duplicate' | 'respelled')[]
  readonly counts: Readonly<Record<string, number>>
}

const FIELDS = ['title', 'place'] as const
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const PREFIX = 'sync/test'
const PORT_METHODS = ['pull', 'get', 'create', 'update', 'remove', 'find'] as const

interface SimulationContext {
  readonly kind: Kind
  readonly random: () => number
  readonly clock: Clock & { advance(ms: number): void }
  readonly provider: SimulatedProvider
  readonly replica: SimulatedReplica
  readonly store: Store
  readonly oracle: Oracle
  readonly options: Omit<SyncEngineOptions, 'remote' | 'replica' | 'store'>
  readonly settleMs: number
  records: number
  /** The host shows no rows. */
  isBlank: boolean
  crashes: number
  readonly results: SyncResult[]
  /** Records with a write whose response did not arrive: the provider's spelling looks like an edit then. */
  readonly interrupted: Set<{ readonly record: number | undefined }>
  readonly trace: (line: string) => void
}

const pick = <Value>(random: () => number, values: readonly Value[]): Value | undefined =>
  values[Math.floor(random() * values.length)]

function createClock(): SimulationContext['clock'] {
  let now = Date.UTC(2026, 0, 1)
  return {
    now: () => now,
    monotonic: () => now,
    schedule: () => () => {},
    advance(ms) {
      now += ms
    },
  }
}

function createWorld(seed: number, kindName: KindName, trace: SimulationContext['trace']): SimulationContext {
  const random = seededRandom(`${kindName} ${seed}`)
  const kind = kinds[kindName]
  const clock = createClock()
  const settleMs = random() < 0.4 ? 5 * MINUTE : 0
  const revisions = random() < 0.8
  const stalePages = revisions ? 0.25 : 0
  const provider = simulatedProvider({
    now: clock.now,
    random,
    ...kind,
    revisions,
    lagMs: settleMs,
    normalize: (item) => ({ ...item, title: spelling(item['title']) }),
    checkpoints: random() < 0.5 ? 'last' : 'every',
    failBefore: 0.02,
    failAfter: 0.04,
    stalePages,
    repeatedPages: 0.1,
    emptyPages: 0.05,
  })
  const policy = pick(random, ['remote', 'remote', 'local', 'park'] as const)
  const removals = pick(random, ['edit', 'edit', 'edit', 'removal'] as const)
  return {
    kind,
    random,
    clock,
    provider,
    replica: simulatedReplica(),
    store: memoryStore({ clock }),
    oracle: createOracle(),
    settleMs,
    options: {
      prefix: PREFIX,
      keys: fastKeys,
      policy,
      removals,
      brake: { share: 0.3, atLeast: 3 },
      fullEveryMs: HOUR,
      clock,
    },
    records: 0,
    isBlank: false,
    crashes: 0,
    results: [],
    interrupted: new Set(),
    trace,
  }
}

/**
 * Performs one action of a user.
 * @param pauseMs how long a user may wait; no request is in flight for minutes
 */
function act(world: SimulationContext, pauseMs: number): void {
  const { random, oracle, clock, provider, replica } = world
  const at = clock.now()
  const side: Side = random() < 0.5 ? 'remote' : 'local'
  if (side === 'local' && world.isBlank) return
  const rows: readonly { readonly id: string; readonly item: Values }[] =
    side === 'remote' ? provider.records() : replica.rows()
  const write = (id: string, changes: Values): void => {
    world.trace(`USER ${side} ${id} ${JSON.stringify(changes)}`)
    if (side === 'remote') provider.put(id, changes)
    else replica.edit(id, changes)
  }
  const typeAll = (record: number): Values =>
    Object.fromEntries(FIELDS.map((field) => [field, oracle.type(side, record, at)]))
  const choice = random()
  if (choice < 0.35 || rows.length === 0) {
    const record = ++world.records
    write(side === 'remote' ? `r${record}` : `l${record}`, typeAll(record))
    return
  }
  const row = pick(random, rows)
  if (row === undefined) return
  const record = oracle.recordOf(row.item['title']) ?? 0
  if (choice < 0.78) {
    const field = pick(random, FIELDS) ?? 'title'
    oracle.replaced(row.item[field], at)
    write(row.id, { [field]: oracle.type(side, record, at) })
    return
  }
  oracle.removed(side, row.item, at)
  world.trace(`USER ${side} removes ${row.id} ${JSON.stringify(row.item)}`)
  if (side === 'remote') provider.drop(row.id)
  else replica.drop(row.id)
  if (random() < 0.3) {
    // Created again under the same id, soon or at once: a new record for every user.
    if (random() < 0.5) clock.advance(Math.floor(random() * pauseMs))
    write(row.id, typeAll(++world.records))
  }
}

/** Returns the host's port, in turns, which may show nothing for a while. */
function replicaInTurns(
  world: SimulationContext,
  turns: Turns,
  told: (port: Replica, methods: readonly (keyof Replica)[]) => Replica,
): Replica {
  const { replica } = world
  const port: Replica = {
    async *changes(since) {
      await turns.wait()
      // A host that has loaded nothing yet reports every row as removed.
      for await (const change of replica.changes(world.isBlank ? undefined : since)) {
        world.trace(`feed ${JSON.stringify(change)} ${world.isBlank}`)
        yield world.isBlank ? { ...change, item: null, cursor: since ?? '0' } : change
        await turns.wait()
      }
    },
    get: async (id) => (world.isBlank ? undefined : replica.get(id)),
    put: (record) => replica.put(record),
    remove: async (id, version) => (world.isBlank ? { removed: false } : replica.remove(id, version)),
  }
  return told(port, ['get', 'put', 'remove'])
}

function startRun(world: SimulationContext, runSync: RunSync, limits: Parameters<RunSync>[1]): Actor<SyncResult> {
  const name = `run${world.results.length + world.crashes}`
  return startActor((turns) => {
    const { provider, kind, settleMs } = world
    const told = <Port extends object>(port: Port, methods: readonly (keyof Port)[]): Port =>
      inTurns(port, turns, methods, (method, parameters, result) =>
        world.trace(`${name} ${method} ${JSON.stringify(parameters)} -> ${JSON.stringify(result)}`),
      )
    const remote: Remote = {
      ...provider,
      traits: {
        fields: FIELDS,
        conditionalWrites: kind.etags,
        conditionalRemovals: kind.conditionalRemovals,
        removals: kind.tombstones ? 'fed' : 'listed',
        settleMs,
      },
    }
    const ports = notingInterrupted(
      world,
      told(remote, PORT_METHODS),
      batchInTurns(world, told(world.store, ['get', 'put', 'delete', 'list'])),
    )
    const replica = replicaInTurns(world, turns, told)
    const put: Replica['put'] = (record) => ports.noted(record.item, () => replica.put(record))
    return runSync(
      { ...world.options, remote: ports.remote, store: ports.store, replica: { ...replica, put } },
      { first: 'merge', ...limits },
    )
  })
}

/** Writes the rows of a batch in any order, each in turns of its own: a store promises no more, and a process may die in it. */
function batchInTurns({ random }: SimulationContext, store: Store): Store {
  return {
    ...store,
    async batch(writes) {
      const results: WriteResult[] = []
      const order = [...writes.keys()].map((index) => ({ index, at: random() }))
      for (const { index } of order.toSorted((one, other) => one.at - other.at)) {
        const write = writes[index]
        const [result] = write === undefined ? [] : await writeAll(store, [write])
        if (result !== undefined) results[index] = result
      }
      return results
    },
  }
}

/** Notes the records of writes until the engine has written down that they succeeded. */
function notingInterrupted({ oracle, interrupted }: SimulationContext, remote: Remote, store: Store) {
  let answered: Parameters<SimulationContext['interrupted']['add']>[0][] = []
  const noted = async <Result>(item: Values, write: () => Promise<Result>): Promise<Result> => {
    const running = { record: oracle.recordOf(Object.values(item)[0]) }
    interrupted.add(running)
    const result = await write()
    answered.push(running)
    return result
  }
  const { create, update } = remote
  const ports: { readonly remote: Remote; readonly store: Store; readonly noted: typeof noted } = {
    noted,
    remote: {
      ...remote,
      ...(create && { create: (item, call) => noted(item, () => create(item, call)) }),
      ...(update && { update: (id, changes, call) => noted(changes, () => update(id, changes, call)) }),
    },
    store: {
      ...store,
      async put(key, value, options) {
        const put = await store.put(key, value, options)
        if (!key.startsWith(`${PREFIX}/m/`) || 'conflict' in put) return put
        for (const each of answered) interrupted.delete(each)
        answered = []
        return put
      },
    },
  }
  return ports
}

/** Runs engines side by side while users edit, pages are forgotten and processes die. */
async function hostileRun(world: SimulationContext, runSync: RunSync): Promise<void> {
  const { random, clock, provider } = world
  const count = random() < 0.25 ? 2 : 1
  const limits = (): Parameters<RunSync>[1] => (random() < 0.4 ? { maxPages: 1 + Math.floor(random() * 3) } : {})
  const actors = Array.from({ length: count }, () => ({
    actor: startRun(world, runSync, limits()),
    dies: random() < 0.45 ? Math.floor(random() ** 2 * 400) : Infinity,
    steps: 0,
  }))
  const place = (await world.store.get(`${PREFIX}/place`))?.value
  const { entries } = await world.store.list(`${PREFIX}/m/`)
  const paired = entries.filter(({ value }) => !/"(?:dead|intent)":/.test(value)).length
  // Of a few records, most may really be removed in one round.
  const isBrakable = paired > 6 && paired > 0.5 * entries.filter(({ value }) => !value.includes('"dead":')).length
  world.isBlank = place?.includes('"round":') === false && isBrakable && random() < 0.15
  let live = actors
  while (live.length > 0) {
    const each = pick(random, live)
    if (each === undefined) break
    clock.advance(Math.floor(random() * 20))
    if (random() < 0.015) act(world, MINUTE)
    if (random() < 0.002) provider.expire()
    if (random() < 0.004) provider.forgetPages()
    // A lease lapses while its holder still runs.
    if (random() < 0.002) clock.advance(Math.floor(random() * MINUTE))
    if (each.steps++ >= each.dies) {
      world.crashes++
      world.trace('CRASH')
      live = live.filter((other) => other !== each)
      continue
    }
    const ended = await each.actor.step()
    if (ended === undefined) continue
    world.results.push(ended.result)
    live = live.filter((other) => other !== each)
  }
  world.isBlank = false
}

async function calmRun(world: SimulationContext, runSync: RunSync): Promise<SyncResult> {
  const actor = startRun(world, runSync, { confirmRemovals: true })
  for (;;) {
    world.clock.advance(1)
    const ended = await actor.step()
    if (ended === undefined) continue
    world.results.push(ended.result)
    return ended.result
  }
}

async function parkedRows({ store, options }: SimulationContext): Promise<readonly Parked[]> {
  const rows: Parked[] = []
  for await (const row of parkedRecords({ store, prefix: PREFIX, keys: options.keys })) rows.push(row)
  return rows
}

/** Edits one field of up to two records on each side. Returns how many records were edited. */
async function calmEdits(world: SimulationContext): Promise<number> {
  const { oracle, clock, provider, replica } = world
  const parked = await parkedRows(world)
  const busy = new Set(
    parked.flatMap(({ kind, remoteId, localId }) => (kind === 'overwritten' ? [] : [remoteId, localId])),
  )
  const at = clock.now()
  const edit = (side: Side, id: string, item: Values): void => {
    oracle.replaced(item['title'], at)
    const changes = { title: oracle.type(side, oracle.recordOf(item['title']) ?? 0, at) }
    if (side === 'remote') provider.put(id, changes)
    else replica.edit(id, changes)
  }
  const remote = provider.records().filter(({ id }) => !busy.has(id))
  const local = replica.rows().filter(({ id }) => !busy.has(id))
  const chosen = remote.slice(0, 2)
  for (const { id, item } of chosen) edit('remote', id, item)
  // Other records: words show which belong together.
  const used = new Set(chosen.flatMap(({ item }) => Object.values(item).map((word) => oracle.recordOf(word))))
  const free = local
    .filter(({ item }) => Object.values(item).every((word) => !used.has(oracle.recordOf(word))))
    .slice(0, 2)
  for (const { id, item } of free) edit('local', id, item)
  return chosen.length + free.length
}

const wordsOf = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null ? Object.values(value).map(spelling) : [spelling(value)]

/** Both sides as a user sees them, without what waits for a decision. */
function shown(world: SimulationContext, parked: readonly Parked[]) {
  const conflicts = parked.filter(({ kind }) => kind === 'conflict' || kind === 'removed')
  const open = parked.filter(({ kind }) => kind === 'unknown' || kind === 'duplicate')
  const hidden = (row: { id: string; item: Values }, side: 'remoteId' | 'localId'): Values => {
    const fields = conflicts.filter((each) => each[side] === row.id).flatMap((each) => Object.keys(each.fields))
    return Object.fromEntries(
      Object.entries(row.item).map(([field, value]) => [field, fields.includes(field) ? '*' : value]),
    )
  }
  const remote = world.provider.records().map((row) => hidden(row, 'remoteId'))
  const local = world.replica
    .rows()
    .filter(({ id }) => !open.some(({ localId }) => localId === id))
    .map((row) => hidden(row, 'localId'))
  return { remote, local }
}

const sorted = (rows: readonly Values[]): string =>
  JSON.stringify(rows.map((row) => FIELDS.map((field) => spelling(row[field])).join(' ')).toSorted())

/** Runs one history and judges it. Equal seeds give equal histories. */
export async function simulate(
  seed: number,
  kindName: KindName,
  runSync: RunSync,
  trace: SimulationContext['trace'] = () => {},
): Promise<Outcome> {
  const world = createWorld(seed, kindName, trace)
  trace(`policy ${JSON.stringify(world.options.policy)} removals ${world.options.removals} settle ${world.settleMs}`)
  const { random, clock, provider, replica, oracle, kind } = world
  const violations: Violation[] = []
  const violate = (predicate: Predicate, text: string): void => void violations.push({ predicate, text })
  const violateTwice = (at: SimulationContext): void => {
    for (const rows of [at.provider.records(), at.replica.rows()]) {
      const twice = wordsTwice(rows.map(({ item }) => item))
      if (twice.length > 0) violate('P4', `for a while, twice: ${twice.join()}`)
    }
  }
  for (let step = 0; step < 26; step++) {
    const choice = random()
    if (choice < 0.6) act(world, 30 * MINUTE)
    else if (choice < 0.64) {
      trace('EXPIRE')
      provider.expire()
    } else if (choice < 0.68) provider.forgetPages()
    else {
      await hostileRun(world, runSync)
      // Not even for a while: what is there twice may be edited twice.
      if (kind.creates !== 'neither') violateTwice(world)
    }
    clock.advance(Math.floor(random() ** 3 * 20 * MINUTE))
  }

  // Edits stop, and the provider behaves.
  provider.behave()
  let rounds = 0
  let neededRounds = 0
  const limit = 6
  for (; rounds < limit; rounds++) {
    clock.advance(2 * DAY)
    const before = engineWrites(world)
    const result = await calmRun(world, runSync)
    if (!result.success) violate('failed', JSON.stringify(result.errors))
    if (!isEqual(world, await parkedRows(world))) neededRounds = rounds + 1
    else if (rounds >= 2 && engineWrites(world) === before && result.complete) break
  }
  const parked = await parkedRows(world)
  const admitted: Outcome['admitted'][number][] = []
  const sides = shown(world, parked)
  if (!isEqual(world, parked)) violate('P1', `remote ${sorted(sides.remote)} local ${sorted(sides.local)}`)
  else if (neededRounds > 2) violate('P1', `equal after ${neededRounds + 1} rounds`)

  const writes = engineWrites(world)
  const requests = { ...provider.requests }
  clock.advance(2 * DAY)
  await calmRun(world, runSync)
  if (engineWrites(world) !== writes) violate('P2', `${engineWrites(world) - writes} writes without an edit`)
  const pages = kind.tombstones ? 1 : Math.max(1, Math.ceil(provider.size() / 2))
  const pulls = provider.requests.pull - requests.pull
  const openUnknown = parked.some((row) => row.kind === 'unknown')
  if (pulls > pages || (provider.requests.get > requests.get && !openUnknown)) {
    violate('P7', `a quiet round made ${pulls} pulls and ${provider.requests.get - requests.get} reads`)
  }

  // A few edits on each side, far apart from any trouble: each is one write on the other side.
  if (violations.length === 0) {
    const touched = await calmEdits(world)
    const before = engineWrites(world)
    for (let round = 0; round < 2; round++) {
      clock.advance(2 * DAY)
      await calmRun(world, runSync)
    }
    if (!isEqual(world, await parkedRows(world))) violate('P1', 'a calm edit did not arrive')
    const made = engineWrites(world) - before
    if (made !== touched) violate('P5', `${made} writes for ${touched} edited records`)
  }

  const all = [...provider.records(), ...replica.rows()]
  const present = new Set([
    ...all.flatMap(({ item }) => Object.values(item).map(spelling)),
    ...parked.flatMap(({ fields }) => Object.values(fields).flatMap((sides) => Object.values(sides).flatMap(wordsOf))),
  ])
  const lost = oracle.lost(present)
  const isConditional = kind.conditionalRemovals ?? kind.etags
  // The result of a run that died is lost with it.
  const unconditional = world.crashes > 0 || world.results.some((result) => result.unconditional > 0)
  if (lost.length > 0) {
    trace(`LOST ${lost.join()}`)
    if (!isConditional && unconditional) admitted.push(world.settleMs > 0 ? 'lost in the lag' : 'lost')
    else violate('P3', `lost ${lost.join()}`)
  }
  for (const rows of [sides.remote, sides.local]) {
    const twice = wordsTwice(rows)
    if (twice.length === 0) continue
    // The result of a run that died is lost with it.
    const isReported = world.crashes > 0 || world.results.some(({ unknown }) => unknown > 0)
    if (kind.creates === 'neither' && isReported) admitted.push('duplicate')
    else violate('P4', `twice: ${twice.join()}`)
  }
  const crashes = world.crashes + provider.failures
  const conflicts = world.results.reduce((sum, { conflicts, restored }) => sum + conflicts + restored, 0)
  const mayWrite = oracle.edits + conflicts + crashes
  if (writes > mayWrite) violate('P5', `${writes} writes, at most ${mayWrite}`)
  const mayRead = oracle.edits + 2 * conflicts + crashes + (isConditional ? 0 : 2 * provider.writes())
  if (provider.requests.get > mayRead) violate('P7', `${provider.requests.get} reads, at most ${mayRead}`)
  for (const { item } of all) {
    if (!oracle.resurrected(item)) continue
    const records = Object.values(item).map((word) => oracle.recordOf(word))
    if ([...world.interrupted].some((write) => records.includes(write.record))) admitted.push('respelled')
    else violate('P6', `lives again: ${Object.values(item).join()}`)
  }
  return {
    seed,
    violations,
    admitted,
    counts: {
      edits: oracle.edits,
      conflicts,
      crashes: world.crashes,
      failures: provider.failures,
      writes,
      mayWrite,
      runs: world.results.length,
      pulls: provider.requests.pull,
      gets: provider.requests.get,
      rounds,
      neededRounds,
      braked: world.results.filter(({ braked }) => braked !== undefined).length,
      superseded: world.results.filter(({ superseded }) => superseded).length,
      finished: world.results.reduce((sum, { finished }) => sum + finished, 0),
      records: provider.records().length,
    },
  }
}

/** Words that stand in more than one field. */
function wordsTwice(rows: readonly Values[]): readonly string[] {
  const words = rows.flatMap((row) => FIELDS.map((field) => spelling(row[field]))).filter((word) => word !== '*')
  return words.filter((word, at) => words.indexOf(word) !== at)
}

const isEqual = (world: SimulationContext, parked: readonly Parked[]): boolean => {
  const { remote, local } = shown(world, parked)
  return sorted(remote) === sorted(local)
}

const engineWrites = ({ provider, replica }: SimulationContext): number => provider.writes() + replica.writes
