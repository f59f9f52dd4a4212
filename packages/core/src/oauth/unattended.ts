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
  /** Name of the field that holds who is asking. */
  readonly issuerField: string
  readonly audience?: EndpointUrl | undefined
  readonly scopesIn: 'assertion' | 'request'
  readonly lifeSeconds: number
  readonly subject: 'optional' | 'required'
}

/** Client credentials (RFC 6749, section 4.4). */
export const clientCredentialsProtocol = (definition: ProtocolOptions): GrantProtocol =>
  unattended(definition, 'client_credentials', 'the client credentials', () => Promise.resolve({}))

/** An assertion that we sign ourselves, as a grant (RFC 7523, section 2.1). */
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
 * An assertion that somebody else signed, as a grant (RFC 7523, section 2.1): an identity provider, or the platform that
 * a workload runs on. The app authenticates beside it, where it has something to do that with.
 * @param assertionFor asked anew for each grant, once it is known which server it is for
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

/** A token of another kind, or for another party, for one that we have (RFC 8693). */
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

/** Gets grants without a person; a new one takes the place of one that ends. */
function unattended(
  definition: ProtocolOptions,
  grantType: string,
  doing: string,
  parametersFor: (session: Session, scopes: readonly string[]) => Promise<Parameters>,
  how: { readonly anonymous?: boolean } = {},
): GrantProtocol {
  const obtain = async (context: FlowContext, asked: { readonly scopes: readonly string[] }): Promise<Grant> => {
    const session = await openSession(context, definition, how)
    const { server, client, authentication } = session
    // A resource may say itself what it needs.
    const scopes = asked.scopes.length > 0 ? asked.scopes : (server.scopes ?? [])
    const parameters = {
      ...(server.resource !== undefined && { resource: server.resource }),
      ...(scopes.length > 0 && { scope: scopes.join(definition.scopeSeparator ?? ' ') }),
      ...definition.token?.params,
      ...(await parametersFor(session, scopes)),
    }
    const said = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined)
    const { grant } = await requestToken(session, {
      doing,
      scopes,
      send: ({ additionalParameters: _saidAlready, ...options }) =>
        oauth.genericTokenEndpointRequest(server.metadata, client, authentication, grantType, said, options),
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

/** Providers refuse an assertion that lives longer (Google). */
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
      hint: 'The provider has to be told who asks, and for whom.',
      outcome: 'not_processed',
    })
  }
  const { key, kid, algorithm } = await readPrivateKey(privateKey, { kid: keyId })
  const now = Math.floor(clock.now() / 1000)
  // A server whose clock is behind would take the assertion for one from the future.
  const issuedAt = now - Math.max(0, Math.min(CLOCK_TOLERANCE_S, MAX_ASSERTION_LIFE_S - lifeSeconds))
  const jwt = new SignJWT(scopesIn === 'assertion' && scopes.length > 0 ? { scope: scopes.join(' ') } : {})
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', ...(kid !== undefined && { kid }) })
    .setIssuer(issuer)
    .setAudience(endpoint(audience, context) ?? String(server.metadata.token_endpoint))
    .setIssuedAt(issuedAt)
    .setExpirationTime(now + lifeSeconds)
    .setJti(crypto.randomUUID())
  // Without anybody in particular, the issuer speaks for itself (RFC 7523, section 3).
  return jwt.setSubject(onBehalfOf ?? issuer).sign(key)
}
