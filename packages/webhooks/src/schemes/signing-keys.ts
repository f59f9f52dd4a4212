import { ConnectorError } from '@mcpclient/core/define'
import type { JSONWebKeySet } from 'jose'
import { readBounded } from '../verification/read-bounded.ts'

export type FetchKeys = (url: string, init: RequestInit) => Promise<Response>

export interface KeySet {
  readonly keys: JSONWebKeySet
  readonly fetchedAt: number
}

/**
 * Returns the keys, fetched if they are older than an hour.
 * @param unknownIn keys in which the wanted one is missing: newer ones are fetched, at most every 30 seconds
 */
export type KeySource = (now: number, unknownIn?: KeySet) => Promise<KeySet | undefined>

const LIFE_MS = 3_600_000
/** The time for which keys stay in use while newer ones cannot be fetched. */
const MAX_STALE_MS = 86_400_000
const COOL_DOWN_MS = 30_000
const TIMEOUT_MS = 5000
const MAX_BYTES = 262_144

/**
 * Makes a source of an issuer's public keys. Concurrent deliveries share one fetch. If a fetch fails, earlier keys
 * stay in use for a day.
 * @throws ConnectorError CONFIGURATION_ERROR if the URL is not https
 */
export function keySource(url: string, fetchKeys: FetchKeys = (address, init) => fetch(address, init)): KeySource {
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:') {
    throw new ConnectorError('CONFIGURATION_ERROR', `The JWKS URL "${url}" is not an https URL.`, {
      hint: 'Over http, the keys could be replaced on their way.',
    })
  }
  let known: KeySet | undefined
  let attemptedAt = -Infinity
  let running: Promise<KeySet | undefined> | undefined
  const load = async (now: number): Promise<KeySet | undefined> => {
    try {
      known = { keys: await fetchKeySet(url, fetchKeys), fetchedAt: now }
    } catch {
      // The known keys stay for a day: an unreachable issuer must not turn its own deliveries away.
      if (known !== undefined && now - known.fetchedAt > MAX_STALE_MS) known = undefined
    } finally {
      running = undefined
    }
    return known
  }
  return (now, unknownIn) => {
    const age = known === undefined ? Infinity : Math.abs(now - known.fetchedAt)
    const isWanted = age > LIFE_MS || (unknownIn !== undefined && unknownIn === known)
    const isCoolingDown = Math.abs(now - attemptedAt) < COOL_DOWN_MS
    if (running === undefined && (!isWanted || isCoolingDown)) return Promise.resolve(known)
    if (running === undefined) {
      attemptedAt = now
      running = load(now)
    }
    return running
  }
}

async function fetchKeySet(url: string, fetchKeys: FetchKeys): Promise<JSONWebKeySet> {
  const response = await fetchKeys(url, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`status ${response.status}`)
  }
  const bytes = await readBounded(response.body, MAX_BYTES)
  const body: unknown = JSON.parse(new TextDecoder().decode(bytes))
  if (typeof body !== 'object' || body === null || !('keys' in body) || !Array.isArray(body.keys)) {
    throw new Error('no keys')
  }
  return {
    keys: body.keys.filter((key): key is JSONWebKeySet['keys'][number] => typeof key === 'object' && key !== null),
  }
}
