import * as oauth from 'oauth4webapi'

export interface Challenge {
  /** `invalid_token`, `insufficient_scope`, `use_dpop_nonce`. */
  readonly error?: string | undefined
  readonly scopes?: readonly string[] | undefined
  /** The URL of the resource's metadata (RFC 9728, section 5.1). */
  readonly resourceMetadata?: string | undefined
}

/**
 * Parses the OAuth challenge of a `WWW-Authenticate` header (RFC 6750, section 3; RFC 9728). Returns undefined if it
 * contains only other schemes or cannot be parsed.
 */
export async function readChallenge(header: string): Promise<Challenge | undefined> {
  const challenges = await parse(header)
  const ours = challenges.filter(({ scheme }) => scheme === 'bearer' || scheme === 'dpop')
  if (ours.length === 0) return undefined
  const values: readonly Readonly<Record<string, string | undefined>>[] = ours.map(({ parameters }) => ({
    ...parameters,
  }))
  const parameter = (name: string) => values.map((each) => each[name]).find((value) => value !== undefined)
  const scopes = parameter('scope')?.split(' ').filter(Boolean)
  return { error: parameter('error'), scopes, resourceMetadata: parameter('resource_metadata') }
}

/** Runs the parser of oauth4webapi, which is reachable only through a rejected response. */
async function parse(header: string): Promise<readonly oauth.WWWAuthenticateChallenge[]> {
  try {
    await oauth.processRevocationResponse(new Response(null, { status: 401, headers: { 'www-authenticate': header } }))
  } catch (error) {
    if (error instanceof oauth.WWWAuthenticateChallengeError) return error.cause
  }
  return []
}
