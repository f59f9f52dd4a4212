import { grantSignature } from './grant-signature.ts'
import { chosenScopes } from './definition.ts'
import type { EndpointUrl, ScopeChoice, TokenServer } from './definition.ts'
import { anyHolder } from '../auth/strategy.ts'
import type { AuthStrategy, Holder } from '../auth/strategy.ts'
import type { CredentialField } from '../auth/credential-fields.ts'
import { unattendedFlow } from './unattended-flow.ts'

type Optional = CredentialField & { readonly optional: true }

export interface JwtBearerOptions<Issuer extends string> extends TokenServer {
  readonly tokenUrl: EndpointUrl
  readonly scopes?: ScopeChoice | undefined
  /** The name of the field for the `iss` of the assertion. @default 'clientId' */
  readonly issuerField?: Issuer | undefined
  /** The label of that field. @default 'Client id' */
  readonly issuerLabel?: string | undefined
  /** Whether the assertion needs a `sub`, the user to act for. @default 'optional' */
  readonly subject?: 'optional' | 'required' | undefined
  /** The `aud` of the assertion. @default the token URL */
  readonly audience?: EndpointUrl | undefined
  /** The place of the scopes: a claim of the assertion (Google), or a parameter of the request. @default 'request' */
  readonly scopesIn?: 'assertion' | 'request' | undefined
  /** Lifetime of an assertion, in seconds. @default 180 */
  readonly lifeSeconds?: number | undefined
  readonly holders?: readonly Holder[] | undefined
}

export type JwtBearerFields<Issuer extends string> = { readonly [K in Issuer]: CredentialField } & {
  readonly privateKey: CredentialField
  readonly keyId: Optional
  readonly subject: Optional
}

/**
 * Exchanges an assertion, signed with a private key, for an access token (RFC 7523, section 2.1): service accounts of
 * Google, with or without delegation to a `subject`, and Salesforce.
 *
 * @example
 * const auth = jwtBearer({
 *   tokenUrl: 'https://oauth2.googleapis.com/token',
 *   issuerField: 'clientEmail',
 *   scopesIn: 'assertion',
 *   lifeSeconds: 3600,
 *   scopes: ['https://www.googleapis.com/auth/calendar.readonly'],
 * })
 */
export function jwtBearer<const Issuer extends string = 'clientId'>(
  definition: JwtBearerOptions<Issuer>,
): AuthStrategy<JwtBearerFields<Issuer>> {
  return strategyOf(definition, [])
}

function strategyOf<Issuer extends string>(
  given: JwtBearerOptions<Issuer>,
  ofTools: readonly string[],
): AuthStrategy<JwtBearerFields<Issuer>> {
  const definition = { ...given, scopes: chosenScopes(given.scopes, ofTools) }
  const { issuerField = 'clientId', issuerLabel = 'Client id', holders = anyHolder } = definition
  const fields = {
    [issuerField]: { label: issuerLabel, secret: false },
    privateKey: { label: 'Private key', secret: true, description: 'PKCS#8 as PEM, or a JSON Web Key.' },
    keyId: { label: 'Key id', secret: false, optional: true },
    subject: { label: 'On behalf of', secret: false, optional: definition.subject !== 'required' },
  }
  const flow = unattendedFlow(definition, async () => {
    const { jwtBearerProtocol } = await import('./unattended.ts')
    return jwtBearerProtocol(definition, {
      issuerField,
      audience: definition.audience,
      scopesIn: definition.scopesIn ?? 'request',
      lifeSeconds: definition.lifeSeconds ?? 180,
      subject: definition.subject ?? 'optional',
    })
  })
  return {
    kind: 'jwt-bearer',
    fields: fields as unknown as JwtBearerFields<Issuer>,
    holders,
    flow,
    forTools: (scopes) => strategyOf(given, scopes),
    sign: (request, _credential, grant) => grantSignature(request, undefined, grant),
  }
}
