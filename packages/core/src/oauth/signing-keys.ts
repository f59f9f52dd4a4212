import type { JSONWebKeySet } from 'jose'
import { sendRequest, GET_JSON, unusableResponse } from './server-request.ts'
import { noEndpoint } from './authorization-url.ts'
import { objectIn } from './discovery.ts'
import { documentAt } from './documents.ts'
import type { Session } from './session.ts'

const KEYS_LIFE_MS = 3_600_000
/** Minimum time between two fetches because of an unknown key. */
const COOL_DOWN_MS = 30_000

export interface SigningKeys {
  readonly keys: JSONWebKeySet
  /** Monotonic, because a wall clock that is set back would extend the cool-down. */
  readonly fetchedAt: number
  /** Whether this call fetched them. */
  readonly isFresh: boolean
}

/**
 * Returns the keys of the server, cached for an hour.
 * @param seen keys that lack the wanted one; newer ones are fetched after the cool-down
 */
export async function signingKeys(session: Session, seen?: SigningKeys): Promise<SigningKeys> {
  const { server, context } = session
  const { jwks_uri: url } = server.metadata
  if (url === undefined) throw noEndpoint(server.host, 'jwks_uri', 'jwksUrl')
  let isFresh = false
  const load = async (): Promise<Omit<SigningKeys, 'isFresh'>> => {
    isFresh = true
    const { status, body } = await sendRequest(context, { ...GET_JSON, url })
    const { keys } = status < 400 ? objectIn(body, server.host) : {}
    if (!Array.isArray(keys)) throw unusableResponse(server.host, 'a key set without keys', status)
    const usable = keys.filter((key) => typeof key === 'object' && key !== null) as JSONWebKeySet['keys']
    return { keys: { keys: usable }, fetchedAt: context.clock.monotonic() }
  }
  const fresh = seen !== undefined && !isCoolingDown(session, seen)
  const known = await documentAt(context, `keys ${url}`, { lifeMs: KEYS_LIFE_MS, fresh }, load)
  return { ...known, isFresh }
}

/** Returns whether keys were fetched too recently to fetch them again. */
export const isCoolingDown = ({ context: { clock } }: Session, { fetchedAt }: SigningKeys): boolean =>
  clock.monotonic() - fetchedAt < COOL_DOWN_MS
