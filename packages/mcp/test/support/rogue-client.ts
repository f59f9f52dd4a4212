import { afterEach } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import type { McpClientOptions } from '@mcpclient/core'
import { mcpProcess } from '@mcpclient/mcp/stdio'
import type { ProcessServerOptions } from '@mcpclient/mcp/stdio'
import { roguePath, serverLog } from './processes.ts'

type HostOptions = Omit<McpClientOptions<{}>, 'connectors'>

/** Creates clients of `rogue-process.ts`, which are closed after the test, and the log that the server writes. */
export function rogueClients() {
  const log = serverLog()
  const clients: { close(): Promise<void> }[] = []
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()))
    log.remove()
  })
  const start = ({ env, ...options }: Partial<ProcessServerOptions> = {}, host: HostOptions = {}) => {
    const mcp = createMcpClient({
      connectors: {
        rogue: mcpProcess({
          command: process.execPath,
          args: [roguePath],
          env: { ROGUE_LOG: log.file, ...env },
          ...options,
        }),
      },
      retry: { baseMs: 1, maxMs: 5 },
      ...host,
    })
    clients.push(mcp)
    return mcp
  }
  return { start, log }
}
