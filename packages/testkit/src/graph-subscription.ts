import type { Connector } from '@mcpclient/core'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGraph } from '@mcpclient/testing/simulators'
import { GRAPH_TOKEN } from './graph-scene.ts'
import { subscribedHost } from './subscribed-host.ts'
import type { SubscribedHostOptions } from './subscribed-host.ts'

/**
 * Composes a host whose endpoint a simulated Graph can reach, pulls a collection for the first time and subscribes to it.
 * @param connector one with a signing secret; its server id is `mailbox`
 */
export async function graphSubscription(
  connector: Connector,
  options: Pick<SubscribedHostOptions, 'hooks' | 'sync' | 'params'>,
) {
  const clock = createFakeClock()
  const statuses: number[] = []
  const graph = simulatedGraph({
    clock,
    random: seededRandom(7),
    accessToken: GRAPH_TOKEN,
    async deliver(request) {
      const response = await options.hooks.receive(request)
      statuses.push(response.status)
      return response
    },
  })
  const host = await subscribedHost(connector, { ...options, clock, provider: graph, token: GRAPH_TOKEN })
  await host.subscribe()
  await host.pass(5000)
  return { ...host, graph, clock, /** The statuses of the responses to Graph. */ statuses }
}
