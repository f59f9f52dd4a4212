import type { Connector } from '@mcpclient/core'
import type { SyncPlan } from '@mcpclient/sync'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGraph } from '@mcpclient/testing/simulators'
import type { SimulatedGraphOptions } from '@mcpclient/testing/simulators'
import type { Around } from './hostile-history.ts'
import { syncScene } from './sync-scene.ts'

/** The access token that the simulated Graph accepts. */
export const GRAPH_TOKEN = 'eyJ0.simulated'

export interface GraphSceneOptions extends Partial<Omit<SimulatedGraphOptions, 'clock'>> {
  readonly sync: string
  readonly params?: object | undefined
  readonly plan?: Partial<SyncPlan> | undefined
  /** Runs around each request: it may throw before or after its effect. */
  readonly around?: Around | undefined
}

/** Composes a client with one connector to Graph, a table, and a simulated mailbox. */
export function graphScene(connector: Connector, { sync, params, plan, around, ...options }: GraphSceneOptions) {
  const clock = createFakeClock()
  const graph = simulatedGraph({ clock, random: seededRandom(7), accessToken: GRAPH_TOKEN, ...options })
  const scene = syncScene(connector, { clock, provider: graph, sync, params, plan, around })
  return {
    ...scene,
    graph,
    /** The provider's part of a history. */
    faults: {
      clock,
      table: scene.table,
      expire: () => graph.expireDeltaLinks(),
      expirePages: () => graph.expireNextLinks(),
      behave: () => graph.behave(),
      writes: () => graph.writes(),
      cost: () => scene.sent.length,
    },
  }
}
