import { Pool } from 'undici'
import { TOKEN } from './client.ts'
import type { Listing, OpenClient } from './client.ts'

const headers = { authorization: `Bearer ${TOKEN}` }

/** undici's pool, without `fetch` on top. */
export const undiciPool: OpenClient = async (base) => {
  const pool = new Pool(base)
  return async () => {
    const { body } = await pool.request({ path: '/items?limit=20', method: 'GET', headers })
    return ((await body.json()) as Listing).items
  }
}
