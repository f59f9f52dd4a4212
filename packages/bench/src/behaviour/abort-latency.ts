import { setTimeout as pause } from 'node:timers/promises'
import { memoryStore } from '@mcpclient/core'
import type { Store, Transport, TransportResponse } from '@mcpclient/core'
import { emptyTransport } from '../clients/empty-transport.ts'
import { governedClient } from '../clients/governed.ts'
import type { Governance } from '../clients/governed.ts'
import { median } from '../statistics/median.ts'

/** A longer wait counts as never, because the measurement has to end. */
const NEVER_MS = 250
/** The time for a call to reach the state in which it is cancelled. */
const ARRIVE_MS = 20

const never = <Value>(): Promise<Value> => new Promise(() => {})
const deaf: Transport = { send: never }
const headers = { get: () => null }
const busy: TransportResponse = {
  status: 503,
  headers: { get: (name) => (name === 'retry-after' ? '3' : null) },
  text: async () => '',
  bytes: async () => new Uint8Array(),
  stream: () => null,
}
const endless: TransportResponse = {
  status: 200,
  headers,
  text: never,
  bytes: never,
  stream: () => new ReadableStream(),
}

function slowStore(): Store {
  const store = memoryStore()
  return { ...store, get: never }
}

const hour = 3_600_000
const spent = { scope: 'connection', requests: 1, perMs: hour } as const
const alone = { scope: 'connection', concurrent: 1 } as const

interface State {
  readonly governance: Governance
  /** A call that runs first and takes the resource for which the measured one waits. */
  readonly ahead?: boolean
  readonly writes?: boolean
  /** Connect would wait for the store as well. */
  readonly unconnected?: boolean
}

/** Every place at which a call can wait. None of them listens to the signal itself. */
const states: Readonly<Record<string, State>> = {
  'asking for the policy': { governance: { permissions: { policy: never } } },
  'reading the credential': { governance: { store: slowStore() }, unconnected: true },
  'waiting for approval': { governance: { permissions: { approve: never } }, writes: true },
  'queued at a rate limit': {
    governance: { limit: spent, limits: { maxWaitMs: 2 * hour }, timeouts: { callMs: 2 * hour } },
    ahead: true,
  },
  'queued at a concurrency limit': { governance: { limit: alone, transport: deaf }, ahead: true },
  'backing off before a retry': { governance: { transport: { send: async () => busy } } },
  'in flight': { governance: { transport: deaf } },
  'reading the body': { governance: { transport: { send: async () => endless } } },
}

/** Returns the milliseconds from the caller's abort to the settled call for each state, or infinity if it did not settle. */
export async function abortLatencies(rounds: number): Promise<Readonly<Record<string, number>>> {
  const figures: Record<string, number> = {}
  for (const [name, state] of Object.entries(states)) {
    const times: number[] = []
    for (let round = 0; round < rounds; round++) times.push(await abortOnce(state))
    figures[name] = median(times)
  }
  return figures
}

async function abortOnce({ governance, ahead, writes, unconnected }: State): Promise<number> {
  const { mcp, connect } = governedClient({ transport: emptyTransport, ...governance })
  const service = unconnected ? mcp.as('tenant_1').service : await connect('tenant_1')
  if (ahead) void service.call('ping', { id: 'first' }).catch(() => undefined)
  await pause(ARRIVE_MS)
  const controller = new AbortController()
  let settledAt = Infinity
  const settles = service.call(writes ? 'send_item' : 'ping', { id: 'id_1' }, { signal: controller.signal }).then(
    () => {
      throw new Error('The call succeeded, so it did not wait where it should.')
    },
    () => {
      settledAt = performance.now()
    },
  )
  await pause(ARRIVE_MS)
  if (settledAt !== Infinity) throw new Error('The call settled before it was cancelled.')
  const abortedAt = performance.now()
  controller.abort()
  await Promise.race([settles, pause(NEVER_MS)])
  await mcp.close()
  return settledAt - abortedAt
}
