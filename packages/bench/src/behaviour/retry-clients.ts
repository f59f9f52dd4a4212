import ky from 'ky'
import * as z from 'zod'
import { createMcpClient, fetchTransport } from '@mcpclient/core'
import { defineConnector, del, get, noAuth, post, put, tool } from '@mcpclient/core/define'
import { loadPeer } from '../../peers/load-peer.ts'
import { effects, KEY_HEADER, REQUEST_MS, WAIT_MS } from './retry-cells.ts'
import type { RetryCell, RetryClient } from './retry-cells.ts'

/** Makes a call that fails, with the client's own retries. Rejects. */
type FailingCall = (cell: RetryCell) => Promise<unknown>

const described = { description: 'Fails.', input: z.object({}), output: z.object({ ok: z.boolean() }) }
const service = defineConnector({
  id: 'service',
  name: 'Service',
  baseUrl: 'http://127.0.0.1/',
  auth: noAuth,
  tools: {
    read: tool({ ...described, effect: 'read', request: () => get('') }),
    idempotent: tool({ ...described, effect: 'write', idempotent: true, request: () => put('', {}) }),
    keyed: tool({
      ...described,
      effect: 'write',
      idempotencyKey: { header: KEY_HEADER },
      request: () => post('', {}),
    }),
    write: tool({ ...described, effect: 'write', request: () => post('', {}) }),
    destroy: tool({ ...described, effect: 'destroy', request: () => del('') }),
  },
})

/** Creates a client for each call, so that no breaker or budget of another call interferes. */
const ours: FailingCall = async ({ url, effect }) => {
  const mcp = createMcpClient({
    connectors: { service: service({ baseUrl: `${url}/` }) },
    transport: fetchTransport(),
    retry: { baseMs: WAIT_MS, maxMs: WAIT_MS },
    timeouts: { requestMs: REQUEST_MS },
  })
  try {
    await mcp.as('tenant_1').service.call(effect, {})
  } finally {
    await mcp.close()
  }
}

const bodyOf = (method: string) => (method === 'GET' || method === 'DELETE' ? {} : { body: '{}' })

const headersOf = (effect: RetryCell['effect']) => (effect === 'keyed' ? { [KEY_HEADER]: 'key_1' } : {})

/** ky counts its time limit over all attempts, so it is longer. */
const withKy: FailingCall = async ({ url, effect }) => {
  const { method } = effects[effect]
  const headers = headersOf(effect)
  await ky(url, { method, headers, ...bodyOf(method), timeout: 6 * REQUEST_MS, retry: { delay: () => WAIT_MS } }).json()
}

/** `fetch` that rejects every error status, with a time limit. */
async function strictFetch({ url, effect }: RetryCell): Promise<unknown> {
  const { method } = effects[effect]
  const signal = AbortSignal.timeout(REQUEST_MS)
  const response = await fetch(url, { method, headers: headersOf(effect), ...bodyOf(method), signal })
  if (!response.ok) throw new Error(`The status is ${response.status}.`)
  return response.json()
}

interface PRetry {
  readonly default: (
    run: () => Promise<unknown>,
    options: { readonly retries: number; readonly minTimeout: number; readonly maxTimeout: number },
  ) => Promise<unknown>
}

const withPRetry: FailingCall = async (cell) => {
  const { default: pRetry } = await loadPeer<PRetry>('p-retry')
  // As many attempts as ours.
  return pRetry(() => strictFetch(cell), { retries: 2, minTimeout: WAIT_MS, maxTimeout: WAIT_MS })
}

interface OctokitModule {
  readonly Octokit: {
    plugin(plugin: unknown): new (options: object) => { request(route: string, parameters: object): Promise<unknown> }
  }
}
interface RetryPlugin {
  readonly retry: unknown
}

const withOctokit: FailingCall = async ({ url, effect }) => {
  const { Octokit } = await loadPeer<OctokitModule>('@octokit/core')
  const { retry } = await loadPeer<RetryPlugin>('@octokit/plugin-retry')
  const Retrying = Octokit.plugin(retry)
  const silent = () => {}
  const octokit = new Retrying({
    retry: { retries: 2, retryAfterBaseValue: WAIT_MS },
    request: {
      fetch: (address: string, init: RequestInit) =>
        fetch(address, { ...init, signal: AbortSignal.timeout(REQUEST_MS) }),
    },
    log: { debug: silent, info: silent, warn: silent, error: silent },
  })
  return octokit.request(`${effects[effect].method} ${url}`, { headers: headersOf(effect) })
}

export const retryClients: Readonly<Record<RetryClient, FailingCall>> = {
  ours,
  ky: withKy,
  p_retry: withPRetry,
  octokit: withOctokit,
}
