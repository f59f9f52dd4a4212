import { serveRequests } from '../processes/serve-requests.ts'
import type { RetryCell, RetryClient } from './retry-cells.ts'
import { retryClients } from './retry-clients.ts'

serveRequests({
  /** Makes all calls at once, and returns after the last one ended. Some clients report success for a truncated body. */
  async fail({ client, cells }: { readonly client: RetryClient; readonly cells: readonly RetryCell[] }): Promise<void> {
    const call = retryClients[client]
    await Promise.all(cells.map((cell) => call(cell).catch(() => undefined)))
  },
})
