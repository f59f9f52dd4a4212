import { createHook } from 'node:async_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { computedStore } from '../clients/computed-store.ts'
import { emptyTransport } from '../clients/empty-transport.ts'
import { governedClient } from '../clients/governed.ts'
import { createShiftedClock } from '../clients/shifted-clock.ts'
import { idleCpu } from '../processes/idle-cpu.ts'
import { serveRequests } from '../processes/serve-requests.ts'

// Needs `--expose-gc`.

const clock = createShiftedClock()
const credentials = computedStore()
const governed = governedClient({ transport: emptyTransport, store: credentials, clock })
const tenantOf = (index: number): string => `tenant_${index.toString(36).padStart(8, '0')}`
const viewOf = (index: number) => governed.mcp.as(tenantOf(index)).service

/** Makes one call for each tenant from `from` to below `to`, a hundred at a time. */
async function callEach(from: number, to: number): Promise<void> {
  let next = from
  const lane = async (): Promise<void> => {
    while (next < to) await viewOf(next++).call('ping', { id: 'id_1' })
  }
  await Promise.all(Array.from({ length: 100 }, lane))
}

async function heldBytes(): Promise<number> {
  // The memory of the last calls is released in later turns of the event loop.
  for (let turn = 0; turn < 3; turn++) {
    await pause(20)
    globalThis.gc?.()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const timersHeld = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

/** Connections that call before the first measurement, and while the others are idle. */
const OTHERS = 1000
const callOthers = (connections: number) => callEach(connections, connections + OTHERS)

/**
 * Returns the bytes that each idle connection holds while its credential is cached.
 * @throws Error if a credential is not cached, because there are more connections than the cache holds
 */
async function cached({ connections }: { readonly connections: number }): Promise<number> {
  // Compiles the code. The same connections are counted in neither measurement.
  await callOthers(connections)
  clock.skip(HOUR_MS)
  await callEach(0, 1)
  const before = await heldBytes()
  await callEach(0, connections)
  const held = (await heldBytes()) - before
  const reads = credentials.reads()
  await callEach(0, connections)
  if (credentials.reads() !== reads) throw new Error('Not every credential was cached.')
  return held / connections
}

const HOUR_MS = 3_600_000

export interface EvictedFigures {
  /** Bytes for each connection a minute after its call, while others call: the credential is only in the store. */
  readonly evicted: number
  /** Ten minutes later still. */
  readonly idledOut: number
  /** Bytes of a view that the host itself stores for each tenant. */
  readonly heldView: number
  readonly timersHeld: number
  readonly timersPerCall: number
  readonly callsPerSecond: number
}

async function evicted({ connections }: { readonly connections: number }): Promise<EvictedFigures> {
  await callOthers(connections)
  const before = await heldBytes()

  let timersMade = 0
  const hook = createHook({
    init(_id, type) {
      if (type === 'Timeout') timersMade++
    },
  })
  const timersBefore = timersHeld()
  hook.enable()
  const started = performance.now()
  await callEach(0, connections)
  const callsPerSecond = (connections * 1000) / (performance.now() - started)
  hook.disable()
  const timersLeft = timersHeld() - timersBefore

  const othersCall = async () => {
    for (let round = 0; round < connections / OTHERS; round++) await callOthers(connections)
  }
  clock.skip(60_000)
  await othersCall()
  const held = (await heldBytes()) - before
  clock.skip(600_000)
  await othersCall()
  const idledOut = (await heldBytes()) - before

  const views = Array.from({ length: connections }, (_, index) => viewOf(index))
  const withViews = (await heldBytes()) - before
  if (views.length !== connections) throw new Error('The views are gone.')
  return {
    evicted: held / connections,
    idledOut: idledOut / connections,
    heldView: (withViews - idledOut) / connections,
    timersHeld: timersLeft,
    timersPerCall: timersMade / connections,
    callsPerSecond,
  }
}

serveRequests({ cached, evicted, idleCpu })
