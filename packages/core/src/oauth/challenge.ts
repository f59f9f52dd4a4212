import * as oauth from 'oauth4webapi'

export interface Challenge {
  /** `invalid_token`, `insufficient_scope`, `use_dpop_nonce`. */
  readonly error?: string | undefined
  readonly scopes?: readonly string[] | undefined
  /** Where the metadata of the resource are (RFC 9728, section 5.1). */
  readonly resourceMetadata?: string | undefined
}

/**
 * What a `WWW-Authenticate` header says to a client of OAuth (RFC 6750, section 3; RFC 9728); undefined if it speaks of
 * other schemes only, or cannot be read.
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

/** The parser is not exported; a refused answer makes it speak. */
async function parse(header: string): Promise<readonly oauth.WWWAuthenticateChallenge[]> {
  try {
    await oauth.processRevocationResponse(new Response(null, { status: 401, headers: { 'www-authenticate': header } }))
  } catch (error) {
    if (error instanceof oauth.WWWAuthenticateChallengeError) return error.cause
  }
  return []
}
