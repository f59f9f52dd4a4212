import * as z from 'zod'
import { createMcpClient } from '@mcpclient/core'
import type { Transport, TransportResponse } from '@mcpclient/core'
import { defineConnector, get, noAuth, tool } from '@mcpclient/core/define'
import type { Limit } from '@mcpclient/core/define'
import type { QuotaCase } from './quota-cases.ts'
import { createManualClock, settle } from './manual-clock.ts'
import type { ManualClock } from './manual-clock.ts'

/** The provider allows this many requests in each window that begins with the clock. */
const ALLOWED = 100
const WINDOW_MS = 10_000
const WINDOWS = 12
const LATENCY_MS = 50
/** Calls that start for each request that the provider allows. */
const OVERLOAD = 3
/** Time between the calls of all clients together. */
const CALL_EVERY_MS = WINDOW_MS / (ALLOWED * OVERLOAD)

export interface QuotaFigures {
  /** Requests that the provider served. */
  readonly served: number
  /** The requests that the provider allowed in the same time. */
  readonly allowed: number
  readonly rejected: number
  /** Calls that failed because of the limit. */
  readonly failedCalls: number
}

/**
 * Simulates clients in separate processes that share the limit of one provider. Together they start three times as many
 * calls as it allows. A call that would wait longer than the default `maxWaitMs` fails without being sent.
 */
export async function simulateQuota({ clients, declaredShare }: QuotaCase): Promise<QuotaFigures> {
  const clock = createManualClock()
  const provider = createProvider(clock)
  let failedCalls = 0
  let isOver = false
  const limit: Limit | undefined =
    declaredShare === undefined ? undefined : { scope: 'app', requests: ALLOWED * declaredShare, perMs: WINDOW_MS }
  const all = Array.from({ length: clients }, (_, index) => {
    const mcp = clientOf(clock, provider.transport, limit)
    const { service } = mcp.as('tenant_1')
    const startCall = (): void => {
      if (isOver) return
      clock.schedule(CALL_EVERY_MS * clients, startCall)
      void service.call('ping', {}).catch(() => {
        if (!isOver) failedCalls++
      })
    }
    clock.schedule(CALL_EVERY_MS * index, startCall)
    return mcp
  })
  await clock.advance(WINDOWS * WINDOW_MS)
  isOver = true
  const figures = { ...provider.counts(), allowed: WINDOWS * ALLOWED, failedCalls }
  await Promise.all(all.map((mcp) => mcp.close()))
  await settle()
  return figures
}

const serviceWithin = (limits: readonly Limit[]) =>
  defineConnector({
    id: 'service',
    name: 'Service',
    baseUrl: 'http://127.0.0.1/',
    auth: noAuth,
    limits,
    tools: {
      ping: tool({
        description: 'The smallest read.',
        effect: 'read',
        input: z.object({}),
        output: z.object({}),
        request: () => get('ping'),
      }),
    },
  })

const clientOf = (clock: ManualClock, transport: Transport, limit: Limit | undefined) =>
  createMcpClient({ clock, transport, connectors: { service: serviceWithin(limit ? [limit] : [])() } })

/** Creates a provider with a fixed window, which rejects further requests until the next one begins. */
function createProvider(clock: ManualClock) {
  const startedAt = clock.monotonic()
  const counts = { served: 0, rejected: 0 }
  let inWindow = 0
  let window = 0
  const transport: Transport = {
    async send() {
      await new Promise<void>((resolve) => void clock.schedule(LATENCY_MS, resolve))
      const elapsed = clock.monotonic() - startedAt
      const current = Math.floor(elapsed / WINDOW_MS)
      if (current !== window) [window, inWindow] = [current, 0]
      if (inWindow < ALLOWED) {
        inWindow++
        counts.served++
        return responseOf(200)
      }
      counts.rejected++
      return responseOf(429, Math.ceil(((current + 1) * WINDOW_MS - elapsed) / 1000))
    },
  }
  return { transport, counts: () => ({ ...counts }) }
}

function responseOf(status: number, retryAfter?: number): TransportResponse {
  const headers: Readonly<Record<string, string>> = {
    'content-type': 'application/json',
    'content-length': '2',
    ...(retryAfter !== undefined && { 'retry-after': `${retryAfter}` }),
  }
  return {
    status,
    headers: { get: (name) => headers[name] ?? null },
    text: async () => '{}',
    bytes: async () => new TextEncoder().encode('{}'),
    stream: () => null,
  }
}
