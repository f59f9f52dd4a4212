import { writeAll } from '@mcpclient/core'
import type { Store, WriteResult } from '@mcpclient/core'
import type { runSync } from '../../src/engine.ts'
import type { PairRecord } from '../../src/pairs.ts'
import type { Remote } from '../../src/remote.ts'
import type { Replica } from '../../src/replica.ts'
import type { SyncResult } from '../../src/result.ts'
import { inTurns, startActor } from './actors.ts'
import type { Actor, Turns } from './actors.ts'
import type { Values } from './oracle.ts'
import { FIELDS, MINUTE, noteRows, pick, PREFIX } from './simulation-context.ts'
import type { SimulationContext } from './simulation-context.ts'
import { act } from './users.ts'

export type RunSync = typeof runSync

const PORT_METHODS = ['pull', 'get', 'create', 'update', 'remove', 'find'] as const

/** Returns the host's port, in turns, which may show nothing for a while. */
function replicaInTurns(
  simulation: SimulationContext,
  turns: Turns,
  told: (port: Replica, methods: readonly (keyof Replica)[]) => Replica,
): Replica {
  const { replica } = simulation
  const port: Replica = {
    async *changes(since) {
      await turns.wait()
      // A host that has loaded nothing yet reports every row as removed.
      for await (const change of replica.changes(simulation.isBlank ? undefined : since)) {
        simulation.trace?.(`feed ${JSON.stringify(change)} ${simulation.isBlank}`)
        yield simulation.isBlank ? { ...change, item: null, cursor: since ?? '0' } : change
        await turns.wait()
      }
    },
    get: async (id) => (simulation.isBlank ? undefined : replica.get(id)),
    put: (record) => replica.put(record),
    remove: async (id, version) => (simulation.isBlank ? { removed: false } : replica.remove(id, version)),
  }
  return told(port, ['get', 'put', 'remove'])
}

function startRun(simulation: SimulationContext, runSync: RunSync, limits: Parameters<RunSync>[1]): Actor<SyncResult> {
  const name = `run${simulation.results.length + simulation.crashes}`
  return startActor((turns) => {
    const { provider, kind, settleMs } = simulation
    const told = <Port extends object>(port: Port, methods: readonly (keyof Port)[]): Port =>
      inTurns(port, turns, methods, (method, parameters, result) =>
        simulation.trace?.(`${name} ${method} ${JSON.stringify(parameters)} -> ${JSON.stringify(result)}`),
      )
    const remote: Remote = {
      ...provider,
      async pull(place) {
        const page = await provider.pull(place)
        simulation.hints += 'code' in page ? 0 : page.removed.length
        return page
      },
      traits: {
        fields: FIELDS,
        conditionalWrites: kind.etags,
        conditionalRemovals: kind.conditionalRemovals,
        removals: kind.removals,
        settleMs,
      },
    }
    const ports = notingInterrupted(
      simulation,
      told(remote, PORT_METHODS),
      batchInTurns(simulation, told(simulation.store, ['get', 'put', 'delete', 'list'])),
    )
    const replica = replicaInTurns(simulation, turns, told)
    const put: Replica['put'] = (record) => ports.noted(record.item, () => replica.put(record))
    return runSync(
      { ...simulation.options, remote: ports.remote, store: ports.store, replica: { ...replica, put } },
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
function notingInterrupted(simulation: SimulationContext, remote: Remote, store: Store) {
  const { oracle, interrupted, begunCreates, kind } = simulation
  const begun = new Set<string>()
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
      ...(create && {
        create(item, call) {
          // The response to a repeated key does not show whether it is the first one.
          const isRepeated = kind.creates === 'keys' && !begun.has(call.marker)
          if (isRepeated) interrupted.add({ record: oracle.recordOf(Object.values(item)[0]) })
          return noted(item, () => create(item, call))
        },
      }),
      ...(update && { update: (id, changes, call) => noted(changes, () => update(id, changes, call)) }),
    },
    store: {
      ...store,
      async put(key, value, options) {
        if (!key.startsWith(`${PREFIX}/m/`)) return store.put(key, value, options)
        const { life, intent } = JSON.parse(value) as PairRecord
        const marker = `${key.slice(key.lastIndexOf('/') + 1)}.${life}`
        const isNew = intent?.kind === 'create_remote' && !begunCreates.has(`${marker} ${intent.at}`)
        // Before the write, because the process may die after it.
        if (isNew) begunCreates.add(`${marker} ${intent.at}`)
        const put = await store.put(key, value, options)
        if ('conflict' in put) return put
        if (isNew) begun.add(marker)
        for (const each of answered) interrupted.delete(each)
        answered = []
        return put
      },
    },
  }
  return ports
}

/** Runs engines side by side while users edit, pages are forgotten and processes die. */
export async function hostileRun(simulation: SimulationContext, runSync: RunSync): Promise<void> {
  const { random, clock, provider } = simulation
  const count = random() < 0.25 ? 2 : 1
  const limits = (): Parameters<RunSync>[1] => (random() < 0.4 ? { maxPages: 1 + Math.floor(random() * 3) } : {})
  const actors = Array.from({ length: count }, () => ({
    actor: startRun(simulation, runSync, limits()),
    dies: random() < 0.45 ? Math.floor(random() ** 2 * 400) : Infinity,
    steps: 0,
  }))
  const place = (await simulation.store.get(`${PREFIX}/place`))?.value
  const { entries } = await simulation.store.list(`${PREFIX}/m/`)
  const rows = new Set(simulation.replica.rows().map(({ id }) => id))
  const hasRow = (value: string): boolean => rows.has((JSON.parse(value) as PairRecord).local?.id ?? '')
  const paired = entries.filter(({ value }) => !/"(?:dead|intent)":/.test(value) && hasRow(value)).length
  // Of a few records, most may really be removed in one round.
  const isBrakable = paired > 6 && paired > 0.5 * entries.filter(({ value }) => !value.includes('"dead":')).length
  simulation.isBlank = place?.includes('"round":') === false && isBrakable && random() < 0.15
  let live = actors
  while (live.length > 0) {
    const each = pick(random, live)
    if (each === undefined) break
    clock.advance(Math.floor(random() * 20))
    if (random() < 0.015) act(simulation, MINUTE)
    if (random() < 0.002) provider.expire()
    if (random() < 0.004) provider.forgetPages()
    // A lease lapses while its holder still runs.
    if (random() < 0.002) clock.advance(Math.floor(random() * MINUTE))
    if (each.steps++ >= each.dies) {
      simulation.crashes++
      simulation.trace?.('CRASH')
      live = live.filter((other) => other !== each)
      continue
    }
    const ended = await each.actor.step()
    noteRows(simulation)
    if (ended === undefined) continue
    simulation.results.push(ended.result)
    live = live.filter((other) => other !== each)
  }
  simulation.isBlank = false
}

export async function calmRun(simulation: SimulationContext, runSync: RunSync): Promise<SyncResult> {
  const actor = startRun(simulation, runSync, { confirmRemovals: true })
  for (;;) {
    simulation.clock.advance(1)
    const ended = await actor.step()
    noteRows(simulation)
    if (ended === undefined) continue
    simulation.results.push(ended.result)
    return ended.result
  }
}
