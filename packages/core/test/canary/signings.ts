import { apiKey, basic, bearer, customAuth, oauth2 } from '@mcpclient/core/define'
import type { AuthStrategy } from '@mcpclient/core/define'
import { canary } from './detector.ts'
import type { Canary } from './detector.ts'

/** A credential that is all there is to it. */
export interface Signing {
  readonly auth: AuthStrategy
  readonly credential: Readonly<Record<string, string>>
  readonly canaries: readonly Canary[]
  /** Whether the protocol itself puts the credential into the URL. */
  readonly inUrl?: true
}

const awkward = '"+/=&% ä'
const key = canary('API key')
const queryKey = canary('API key in the query', '+/=&"%')
const password = canary('password', awkward)
const token = canary('bearer token', '-._~+/')
const signingSecret = canary('signing secret', awkward)
const webhookSecret = canary('webhook secret', awkward)
const accessToken = canary('pasted access token')
const refreshToken = canary('pasted refresh token')

export const signings: Readonly<Record<string, Signing>> = {
  'an API key in a header': {
    auth: apiKey({ header: 'X-Api-Key' }),
    credential: { apiKey: key.value },
    canaries: [key],
  },
  'an API key in the query': {
    auth: apiKey({ query: 'key' }),
    credential: { apiKey: queryKey.value },
    canaries: [queryKey],
    inUrl: true,
  },
  'a name and a password': {
    auth: basic(),
    credential: { username: 'ada', password: password.value },
    canaries: [password],
  },
  'a bearer token': { auth: bearer(), credential: { token: token.value }, canaries: [token] },
  'a signature of its own': {
    auth: customAuth({
      kind: 'own',
      fields: {
        signingSecret: { label: 'Signing secret', secret: true },
        webhookSecret: { label: 'Webhook secret', secret: true },
      },
      sign: (_request, credential) => ({ headers: { 'x-signed-with': encodeURIComponent(credential.signingSecret) } }),
    }),
    credential: { signingSecret: signingSecret.value, webhookSecret: webhookSecret.value },
    canaries: [signingSecret, webhookSecret],
  },
  'a token that was pasted': {
    auth: oauth2({ authorizationUrl: 'https://as.example/authorize', tokenUrl: 'https://as.example/token' }),
    credential: { token: accessToken.value, refreshToken: refreshToken.value },
    canaries: [accessToken, refreshToken],
  },
}
