import { TOKEN } from './client.ts'
import type { Listing, OpenClient } from './client.ts'

const headers = { authorization: `Bearer ${TOKEN}` }

/** Calls `fetch` without anything else: the baseline of the measurements. */
export const bareFetch: OpenClient = async (base) => async () => {
  const response = await fetch(`${base}/items?limit=20`, { headers })
  return ((await response.json()) as Listing).items
}

/**
 * Calls `fetch` with what our client sends over it: an `accept` header, a signal, no silent redirect, and a check of the
 * length before the body is read. The rest of the cost is our own.
 */
export const fetchWithSignal: OpenClient = async (base) => async () => {
  const { signal } = new AbortController()
  const sent = { accept: 'application/json', ...headers }
  const response = await fetch(`${base}/items?limit=20`, { headers: sent, signal, redirect: 'manual' })
  if (Number(response.headers.get('content-length')) > 1_000_000) throw new Error('The response is too long.')
  return (JSON.parse(await response.text()) as Listing).items
}
