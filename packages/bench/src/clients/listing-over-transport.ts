import type { Transport } from '@mcpclient/core'
import { TOKEN } from './client.ts'
import type { OpenClient } from './client.ts'
import { Items } from './governed.ts'

const headers = { accept: 'application/json', authorization: `Bearer ${TOKEN}` }

/**
 * Lists the items over one of our transports, without the pipeline: it sends the same request, reads the body, parses the
 * JSON and validates it with the same schema. The rest of the cost is the pipeline's.
 */
export const listingOver =
  (transport: Transport): OpenClient =>
  async (base) =>
  async () => {
    const { signal } = new AbortController()
    const response = await transport.send({ method: 'GET', url: `${base}/items?limit=20`, headers, signal })
    return Items.parse(JSON.parse(await response.text())).items
  }
