import { SignJWT } from 'jose'
import * as oauth from 'oauth4webapi'
import { ConnectorError } from '../errors/connector-error.ts'
import type { FlowContext, GrantProtocol } from '../auth/grant-flow.ts'
import type { Grant } from '../auth/grant.ts'
import { CLOCK_TOLERANCE_S } from './server-request.ts'
import type { EndpointUrl, ProtocolOptions } from './definition.ts'
import { endpoint } from './endpoints.ts'
import { readPrivateKey } from './private-key.ts'
import { openSession } from './session.ts'
import type { Session } from './session.ts'
import { requestToken } from './token-request.ts'

export interface JwtBearerAssertion {
  /** The name of the field for the `iss` of the assertion. */
  readonly issuerField: string
  readonly audience?: EndpointUrl | undefined
  readonly scopesIn: 'assertion' | 'request'
  readonly lifeSeconds: number
  readonly subject: 'optional' | 'required'
}

/** Obtains grants with client credentials (RFC 6749, section 4.4). */
export const clientCredentialsProtocol = (definition: ProtocolOptions): GrantProtocol =>
  unattended(definition, 'client_credentials', 'the client credentials', () => Promise.resolve({}))

/** Obtains grants with an assertion that this process signs (RFC 7523, section 2.1). */
export const jwtBearerProtocol = (definition: ProtocolOptions, assertion: JwtBearerAssertion): GrantProtocol =>
  unattended(
    definition,
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
    'the assertion',
    async (session, scopes) => ({
      assertion: await signed(session, assertion, scopes),
      ...(assertion.scopesIn === 'assertion' && { scope: undefined }),
    }),
    { anonymous: definition.clientAuthentication === undefined },
  )

/**
 * Obtains grants with an assertion of a third party (RFC 7523, section 2.1), such as an identity provider or the
 * platform of a workload. The app also authenticates itself if it can.
 * @param assertionFor called for each grant, with the server that it is for
 */
export const assertionProtocol = (
  definition: ProtocolOptions,
  assertionFor: (
    context: FlowContext,
    server: { readonly issuer: string; readonly resource: string | undefined },
  ) => Promise<string>,
): GrantProtocol =>
  unattended(definition, 'urn:ietf:params:oauth:grant-type:jwt-bearer', 'the assertion', async (session) => ({
    assertion: await assertionFor(session.context, {
      issuer: session.server.metadata.issuer,
      resource: session.server.resource,
    }),
  }))

/** Exchanges a token for one of another type or audience (RFC 8693). */
export const tokenExchangeProtocol = (
  definition: ProtocolOptions,
  options: {
    readonly subjectTokenType: string
    readonly requestedTokenType?: string | undefined
    readonly audience?: EndpointUrl | undefined
  },
): GrantProtocol =>
  unattended(definition, 'urn:ietf:params:oauth:grant-type:token-exchange', 'the token', ({ context }) =>
    Promise.resolve({
      subject_token: context.fields['subjectToken'],
      subject_token_type: options.subjectTokenType,
      requested_token_type: options.requestedTokenType,
      audience: endpoint(options.audience, context),
    }),
  )

type Parameters = Readonly<Record<string, string | undefined>>

/** Obtains grants without a user. A refresh obtains a new one. */
function unattended(
  definition: ProtocolOptions,
  grantType: string,
  purpose: string,
  parametersFor: (session: Session, scopes: readonly string[]) => Promise<Parameters>,
  options: { readonly anonymous?: boolean } = {},
): GrantProtocol {
  const obtain = async (context: FlowContext, request: { readonly scopes: readonly string[] }): Promise<Grant> => {
    const session = await openSession(context, definition, options)
    const { server, client, authentication } = session
    // A resource may name the scopes that it requires.
    const scopes = request.scopes.length > 0 ? request.scopes : (server.scopes ?? [])
    const parameters = {
      ...(server.resource !== undefined && { resource: server.resource }),
      ...(scopes.length > 0 && { scope: scopes.join(definition.scopeSeparator ?? ' ') }),
      ...definition.token?.params,
      ...(await parametersFor(session, scopes)),
    }
    const defined = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined)
    const { grant } = await requestToken(session, {
      purpose,
      scopes,
      send: ({ additionalParameters: _included, ...sendOptions }) =>
        oauth.genericTokenEndpointRequest(server.metadata, client, authentication, grantType, defined, sendOptions),
    })
    return grant
  }
  return {
    obtain,
    refresh: (context, { scopes = definition.scopes ?? [] }) => obtain(context, { scopes }),
    ...revocation(definition),
  }
}

function revocation(definition: ProtocolOptions): Pick<GrantProtocol, 'revoke'> {
  if (definition.tokenUrl !== undefined && definition.revocationUrl === undefined) return {}
  return {
    async revoke(context, grant) {
      const { revoke } = await import('./revocation.ts')
      const session = await openSession(context, definition)
      if (session.server.metadata.revocation_endpoint !== undefined) await revoke(session, grant)
    },
  }
}

/** The longest lifetime that providers accept for an assertion (Google). */
const MAX_ASSERTION_LIFE_S = 3600

async function signed(
  { context, server }: Session,
  { issuerField, audience, scopesIn, lifeSeconds, subject }: JwtBearerAssertion,
  scopes: readonly string[],
): Promise<string> {
  const { fields, clock } = context
  const { subject: onBehalfOf, keyId, privateKey } = fields
  const issuer = fields[issuerField]
  if (issuer === undefined || (subject === 'required' && onBehalfOf === undefined)) {
    throw new ConnectorError('CONFIGURATION_ERROR', `${issuer === undefined ? issuerField : 'subject'} is missing.`, {
      hint: 'Pass the issuer and, if required, the subject of the assertion.',
      outcome: 'not_processed',
    })
  }
  const { key, kid, algorithm } = await readPrivateKey(privateKey, { kid: keyId })
  const now = Math.floor(clock.now() / 1000)
  // A server whose clock is slow would reject an assertion from the future.
  const issuedAt = now - Math.max(0, Math.min(CLOCK_TOLERANCE_S, MAX_ASSERTION_LIFE_S - lifeSeconds))
  const jwt = new SignJWT(scopesIn === 'assertion' && scopes.length > 0 ? { scope: scopes.join(' ') } : {})
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', ...(kid !== undefined && { kid }) })
    .setIssuer(issuer)
    .setAudience(endpoint(audience, context) ?? String(server.metadata.token_endpoint))
    .setIssuedAt(issuedAt)
    .setExpirationTime(now + lifeSeconds)
    .setJti(crypto.randomUUID())
  // Without a subject, the issuer acts for itself (RFC 7523, section 3).
  return jwt.setSubject(onBehalfOf ?? issuer).sign(key)
}
