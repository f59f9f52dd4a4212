import { apiKey, basic, bearer, customAuth, oauth2 } from '@mcpclient/core/define'
import type { AuthStrategy } from '@mcpclient/core/define'
import { canary } from './detector.ts'
import type { Canary } from './detector.ts'

/** A static credential. */
export interface Signing {
  readonly auth: AuthStrategy
  readonly credential: Readonly<Record<string, string>>
  /** Another credential of the same account. */
  readonly next: Readonly<Record<string, string>>
  readonly canaries: readonly Canary[]
  /** Whether the protocol itself puts the credential into the URL. */
  readonly inUrl?: true
}

const awkward = '"+/=&% ä'

/** Creates a credential of these secrets, and the next one. */
function credentialOf(kinds: Readonly<Record<string, readonly [kind: string, tail?: string]>>, open: object = {}) {
  const names = Object.keys(kinds)
  const make = (before: string): readonly Canary[] =>
    Object.values(kinds).map(([kind, tail]) => canary(`${before}${kind}`, tail))
  const [first, second] = [make(''), make('next ')]
  const fieldsOf = (canaries: readonly Canary[]) => ({
    ...open,
    ...Object.fromEntries(canaries.map(({ value }, index) => [names[index] ?? '', value])),
  })
  return { credential: fieldsOf(first), next: fieldsOf(second), canaries: [...first, ...second] }
}

export const signings: Readonly<Record<string, Signing>> = {
  'an API key in a header': { auth: apiKey({ header: 'X-Api-Key' }), ...credentialOf({ apiKey: ['API key'] }) },
  'an API key in the query': {
    auth: apiKey({ query: 'key' }),
    ...credentialOf({ apiKey: ['API key in the query', '+/=&"%'] }),
    inUrl: true,
  },
  'a name and a password': { auth: basic(), ...credentialOf({ password: ['password', awkward] }, { username: 'ada' }) },
  'a bearer token': { auth: bearer(), ...credentialOf({ token: ['bearer token', '-._~+/'] }) },
  'a signature of its own': {
    auth: customAuth({
      kind: 'own',
      fields: {
        signingSecret: { label: 'Signing secret', secret: true },
        webhookSecret: { label: 'Webhook secret', secret: true },
      },
      sign: (_request, credential) => ({ headers: { 'x-signed-with': encodeURIComponent(credential.signingSecret) } }),
    }),
    ...credentialOf({ signingSecret: ['signing secret', awkward], webhookSecret: ['webhook secret', awkward] }),
  },
  'a token that was pasted': {
    auth: oauth2({ authorizationUrl: 'https://as.example/authorize', tokenUrl: 'https://as.example/token' }),
    ...credentialOf({ token: ['pasted access token'], refreshToken: ['pasted refresh token'] }),
  },
}
