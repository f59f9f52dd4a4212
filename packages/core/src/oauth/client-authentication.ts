import * as oauth from 'oauth4webapi'
import { ConnectorError } from '../errors/connector-error.ts'
import { CLOCK_TOLERANCE_S } from './server-request.ts'
import type { ClientAuthenticationMethod } from './definition.ts'
import { readPrivateKey } from './private-key.ts'

/** What an app can prove itself with. */
export interface ClientProof {
  readonly clientSecret?: string | undefined
  readonly privateKey?: unknown
  readonly keyId?: string | undefined
}

/**
 * How a request proves which app it comes from.
 * @param method absent: what the proof and the server's metadata have in common
 * @param audience whom an assertion is meant for
 * @throws ConnectorError CONFIGURATION_ERROR if the app has nothing to prove itself with in this way
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
 * HTTP Basic in the encoding of RFC 6749 (section 2.3.1), and nothing escaped beyond it: many servers do not decode, and
 * would not know an id with a hyphen in it any more.
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
  // RFC 8414, section 2: what says nothing means Basic.
  const offered = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  return offered.includes('client_secret_post') || !offered.includes('client_secret_basic') ? 'post' : 'basic'
}

const missing = (name: string): never => {
  throw new ConnectorError('CONFIGURATION_ERROR', `The OAuth app has no ${name}, and this server asks for it.`, {
    hint: `Pass ${name} where the connector is composed.`,
    outcome: 'not_processed',
  })
}

/** By the names of RFC 7591, section 2. */
export const methodCalled = (name: unknown): ClientAuthenticationMethod | undefined => {
  if (name === 'client_secret_post') return 'post'
  if (name === 'client_secret_basic') return 'basic'
  if (name === 'private_key_jwt') return 'private_key_jwt'
  return name === 'none' ? 'none' : undefined
}
