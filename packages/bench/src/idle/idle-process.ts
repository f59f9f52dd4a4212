import { createHook } from 'node:async_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { computedStore } from '../clients/computed-store.ts'
import { emptyTransport } from '../clients/empty-transport.ts'
import { governedClient } from '../clients/governed.ts'
import { createShiftedClock } from '../clients/shifted-clock.ts'
import { serveRequests } from '../processes/serve-requests.ts'

// Needs `--expose-gc`.

const clock = createShiftedClock()
const governed = governedClient({ transport: emptyTransport, store: computedStore, clock })
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

export interface IdleFigures {
  /** Bytes for each connection, with the last credentials still cached. */
  readonly justCalled: number
  /** A minute later, after as many calls of a few others: the credentials are only in the store. */
  readonly evicted: number
  /** Ten minutes later still, after as many calls of a few others. */
  readonly idledOut: number
  /** Bytes of a view that the host itself stores for each tenant. */
  readonly heldView: number
  readonly timersHeld: number
  readonly timersPerCall: number
  /** Milliseconds of CPU time a second without calls. */
  readonly idleCpuMs: number
  readonly callsPerSecond: number
}

async function measure({ connections }: { readonly connections: number }): Promise<IdleFigures> {
  const few = 1000
  await callEach(connections, connections + few)
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
  const justCalled = (await heldBytes()) - before
  const timersLeft = timersHeld() - timersBefore

  await pause(500)
  const cpuBefore = process.cpuUsage()
  const idleSince = performance.now()
  await pause(2000)
  const { user, system } = process.cpuUsage(cpuBefore)
  const idleCpuMs = (user + system) / (performance.now() - idleSince)

  const othersCall = async () => {
    for (let round = 0; round < connections / few; round++) await callEach(connections, connections + few)
  }
  clock.skip(60_000)
  await othersCall()
  const evicted = (await heldBytes()) - before
  clock.skip(600_000)
  await othersCall()
  const idledOut = (await heldBytes()) - before

  const views = Array.from({ length: connections }, (_, index) => viewOf(index))
  const withViews = (await heldBytes()) - before
  if (views.length !== connections) throw new Error('The views are gone.')
  return {
    justCalled: justCalled / connections,
    evicted: evicted / connections,
    idledOut: idledOut / connections,
    heldView: (withViews - idledOut) / connections,
    timersHeld: timersLeft,
    timersPerCall: timersMade / connections,
    idleCpuMs,
    callsPerSecond,
  }
}

serveRequests({ measure })
