import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { createFakeClock } from '@mcpclient/testing'
import { todo } from '../src/index.ts'

/** Starts a client over a store, with a fake clock for the client's own timers. */
export function start(options: { readonly store?: Store; readonly mcp?: object } = {}) {
  const clock = createFakeClock()
  const { store = memoryStore() } = options
  const mcp = createMcpClient({ connectors: { todo: todo({ store, clock }) }, clock, ...options.mcp })
  return { clock, store, mcp, ada: mcp.as('ada').todo }
}
