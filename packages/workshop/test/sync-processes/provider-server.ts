import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { ConnectorError } from '@mcpclient/core'
import { seededRandom } from '@mcpclient/testing'
import { simulatedProvider } from '@mcpclient/testing/simulators'
import type { SimulatedPage, SimulatedProvider, SimulatedRecord } from '@mcpclient/testing/simulators'

/** The fate of a write whose sender is killed before it reads the response. */
export type Fate = 'lost' | 'applied' | 'late'

/** One call of the provider, as the body of a POST request. */
export interface ProviderCall {
  readonly method: 'pull' | 'get' | 'create' | 'update' | 'remove'
  readonly parameters: readonly unknown[]
  /** Kills the process that sent the call. */
  readonly crash?: { readonly pid: number; readonly fate: Fate } | undefined
}

export type ProviderReply = { readonly value?: unknown } | { readonly error: string }

export interface ProviderServer {
  readonly provider: SimulatedProvider
  readonly url: string
  close(): Promise<void>
}

/** Longer than a process needs to start, so that a late write arrives while another process recovers. */
const LATE_MS = 150

const STATUS: Readonly<Record<string, number>> = { expired: 410, conflict: 412, gone: 404, exists: 409 }

/** Returns a reply as a REST API has it: a code is a status, and a record has its fields at the top. */
function restOf(reply: ProviderReply): { readonly status: number; readonly body: unknown } {
  if ('error' in reply) return { status: 500, body: { code: reply.error } }
  const { value } = reply as { readonly value?: Partial<SimulatedRecord & SimulatedPage & { readonly code: string }> }
  if (value?.code !== undefined) return { status: STATUS[value.code] ?? 500, body: value }
  const flat = ({ id, version, item }: Partial<SimulatedRecord>) => ({ id, etag: version, ...item })
  if (value?.changed !== undefined) return { status: 200, body: { ...value, changed: value.changed.map(flat) } }
  return { status: 200, body: value && flat(value) }
}

/**
 * Serves a simulated provider with ids from the client, etags and tombstones on the loopback address: each call at the root,
 * and a REST API under /rest.
 * @param delayMs the time that each request takes
 */
export async function serveProvider(pageSize: number, delayMs = 0): Promise<ProviderServer> {
  const provider = simulatedProvider({
    now: Date.now,
    random: seededRandom('provider'),
    creates: 'ids',
    etags: true,
    tombstones: true,
    revisions: true,
    pageSize,
  })
  const late = new Set<NodeJS.Timeout>()

  const perform = async ({ method, parameters }: ProviderCall): Promise<ProviderReply> => {
    const call = provider[method] as (...parameters: readonly unknown[]) => Promise<unknown>
    try {
      return { value: await call(...parameters) }
    } catch (error) {
      return { error: ConnectorError.from(error, 'The provider').code }
    }
  }
  const handle = async (request: IncomingMessage): Promise<ProviderReply | undefined> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const call = JSON.parse(Buffer.concat(chunks).toString()) as ProviderCall
    if (delayMs > 0) await wait(delayMs)
    if (call.crash === undefined) return perform(call)
    const { pid, fate } = call.crash
    if (fate === 'applied') await perform(call)
    process.kill(pid, 'SIGKILL')
    if (fate === 'late') {
      const timer = setTimeout(() => {
        late.delete(timer)
        void perform(call)
      }, LATE_MS)
      late.add(timer)
    }
    return undefined
  }

  const server = createServer((request, response) => {
    handle(request).then(
      (reply) => {
        if (reply === undefined) return void response.destroy()
        const { status, body } = request.url === '/rest' ? restOf(reply) : { status: 200, body: reply }
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}))
      },
      () => response.destroy(),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    provider,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      for (const timer of late) clearTimeout(timer)
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
