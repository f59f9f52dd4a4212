import * as oauth from 'oauth4webapi'
import { ConnectorError } from '../errors/connector-error.ts'
import { CLOCK_TOLERANCE_S } from './server-request.ts'
import type { ClientAuthenticationMethod } from './definition.ts'
import { readPrivateKey } from './private-key.ts'

/** The secrets that an app can authenticate with. */
export interface ClientProof {
  readonly clientSecret?: string | undefined
  readonly privateKey?: unknown
  readonly keyId?: string | undefined
}

/**
 * Returns the client authentication of a request.
 * @param method if absent, one that the proof and the server's metadata have in common
 * @param audience the `aud` of an assertion
 * @throws ConnectorError CONFIGURATION_ERROR if the app lacks the secret for this method
 */
export async function clientAuthentication(
  proof: ClientProof,
  method: ClientAuthenticationMethod | undefined,
  server: { readonly metadata: oauth.AuthorizationServer; readonly discovered: boolean },
  audience: string,
): Promise<oauth.ClientAuth> {
  switch (method ?? chosen(proof, server)) {
    case 'none':
      return oauth.None()
    case 'post':
      return oauth.ClientSecretPost(proof.clientSecret ?? missing('clientSecret'))
    case 'basic':
      return basic(proof.clientSecret ?? missing('clientSecret'))
    case 'private_key_jwt': {
      const { key, kid } = await readPrivateKey(proof.privateKey ?? missing('privateKey'), {
        kid: proof.keyId,
        supported: server.metadata.token_endpoint_auth_signing_alg_values_supported,
      })
      return oauth.PrivateKeyJwt(kid === undefined ? { key } : { key, kid }, {
        [oauth.modifyAssertion]: (_header, payload) => {
          payload['aud'] = audience
          for (const name of ['iat', 'nbf']) {
            if (typeof payload[name] === 'number') payload[name] -= CLOCK_TOLERANCE_S
          }
        },
      })
    }
  }
}

/**
 * Encodes HTTP Basic as RFC 6749 requires (section 2.3.1) and escapes nothing else. Many servers do not decode, so they
 * would not recognize an id with an escaped hyphen.
 */
const basic =
  (clientSecret: string): oauth.ClientAuth =>
  (_server, { client_id }, _body, headers) => {
    headers.set('authorization', `Basic ${btoa(`${formEncoded(client_id)}:${formEncoded(clientSecret)}`)}`)
  }

const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

function chosen(
  { clientSecret, privateKey }: ClientProof,
  { metadata, discovered }: { readonly metadata: oauth.AuthorizationServer; readonly discovered: boolean },
): ClientAuthenticationMethod {
  if (privateKey !== undefined) return 'private_key_jwt'
  if (clientSecret === undefined) return 'none'
  if (!discovered) return 'post'
  // RFC 8414, section 2: Basic is the default.
  const offered = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  return offered.includes('client_secret_post') || !offered.includes('client_secret_basic') ? 'post' : 'basic'
}

const missing = (name: string): never => {
  throw new ConnectorError('CONFIGURATION_ERROR', `The OAuth app has no ${name}, and this server requires it.`, {
    hint: `Pass ${name} to the connector at composition.`,
    outcome: 'not_processed',
  })
}

/** Returns the method for a name of RFC 7591, section 2. */
export const methodCalled = (name: unknown): ClientAuthenticationMethod | undefined => {
  if (name === 'client_secret_post') return 'post'
  if (name === 'client_secret_basic') return 'basic'
  if (name === 'private_key_jwt') return 'private_key_jwt'
  return name === 'none' ? 'none' : undefined
}
