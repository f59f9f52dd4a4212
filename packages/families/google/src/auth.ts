import { jwtBearer, oidc } from '@mcpclient/core/define'
import type { AuthStrategy, JwtBearerFields, OAuthApp, TokenFields } from '@mcpclient/core/define'
import { googleErrors } from './errors.ts'

const TOKEN_URL = 'https://oauth2.googleapis.com/token'
const SHORT_ISSUER = 'accounts.google.com'
const ISSUER = `https://${SHORT_ISSUER}`

export interface GoogleScopes {
  /** The scopes to request. @default those of the tools and syncs, without those that another one includes */
  readonly scopes?: readonly string[] | undefined
  /** The scopes that each scope includes. A grant of the wider scope is accepted for them. */
  readonly includes?: Readonly<Record<string, readonly string[]>> | undefined
}

/**
 * Defines sign-in with a Google account: offline access, incremental consent, and an account from the id_token.
 *
 * All connectors that use it share one grant of a tenant if they are composed with the same `clientId`.
 *
 * Source: https://developers.google.com/identity/protocols/oauth2/web-server
 */
export const google = (options: GoogleScopes = {}): AuthStrategy<TokenFields, OAuthApp> =>
  oidc({
    label: 'Google access token',
    family: 'google',
    issuer: ISSUER,
    // Google also issues id_tokens with the issuer in this older spelling.
    issuers: { metadata: ISSUER, of: ({ iss }) => (iss === SHORT_ISSUER ? SHORT_ISSUER : ISSUER) },
    authorizationUrl: `${ISSUER}/o/oauth2/v2/auth`,
    tokenUrl: TOKEN_URL,
    revocationUrl: 'https://oauth2.googleapis.com/revoke',
    jwksUrl: 'https://www.googleapis.com/oauth2/v3/certs',
    clientAuthentication: 'post',
    ...scopesOf(options),
    // Google returns a refresh token only together with the consent page.
    authorize: { params: { access_type: 'offline', prompt: 'consent', include_granted_scopes: 'true' } },
    incrementalConsent: true,
    refresh: { rotation: 'keep' },
    // One revocation ends every scope that the account granted to the project.
    revoke: { ends: 'account' },
    errors: googleErrors(),
  })

/**
 * Defines a service account: an assertion signed with its private key, for itself or, with `subject`, for a user of the
 * domain. Its credential is `clientEmail`, `privateKey` and, optionally, `keyId` and `subject`. It requests every scope of
 * the tools and syncs, because no user has to read them.
 *
 * Source: https://developers.google.com/identity/protocols/oauth2/service-account
 */
export const googleServiceAccount = ({ scopes }: Pick<GoogleScopes, 'scopes'> = {}): AuthStrategy<
  JwtBearerFields<'clientEmail'>
> =>
  jwtBearer({
    tokenUrl: TOKEN_URL,
    issuerField: 'clientEmail',
    issuerLabel: 'E-mail address of the service account',
    scopesIn: 'assertion',
    lifeSeconds: 3600,
    scopes,
    errors: googleErrors(),
  })

function scopesOf({ scopes, includes = {} }: GoogleScopes) {
  const covers = (granted: string, wanted: string): boolean =>
    Object.hasOwn(includes, granted) && includes[granted]?.includes(wanted) === true
  const widest = (ofTools: readonly string[]): readonly string[] =>
    ofTools.filter((scope) => !ofTools.some((other) => covers(other, scope)))
  return { covers, scopes: scopes ?? widest }
}
