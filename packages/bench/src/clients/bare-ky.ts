import ky from 'ky'
import { TOKEN } from './client.ts'
import type { Listing, OpenClient } from './client.ts'

const headers = { authorization: `Bearer ${TOKEN}` }

/** ky with its defaults: two retries and a time limit. */
export const bareKy: OpenClient = async (base) => async () =>
  (await ky(`${base}/items?limit=20`, { headers }).json<Listing>()).items

/** ky without its own retries and time limit. */
export const plainKy: OpenClient = async (base) => {
  const plain = ky.create({ retry: 0, timeout: false })
  return async () => (await plain(`${base}/items?limit=20`, { headers }).json<Listing>()).items
}
