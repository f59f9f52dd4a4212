import { expectTypeOf, test } from 'vitest'
import { clientCredentials, jwtBearer, oauth2, oidc, tokenExchange } from '@mcpclient/core/define'
import type { AuthStrategy, CredentialOf, OAuthApp, RegisteredApp } from '@mcpclient/core/define'

const endpoints = { authorizationUrl: 'https://x/authorize', tokenUrl: 'https://x/token' } as const

type AppOf<S> = S extends { readonly app?: infer App } ? Exclude<App, undefined> : never

test('a token may be pasted, with or without the one that renews it', () => {
  const strategy = oauth2(endpoints)
  expectTypeOf<CredentialOf<typeof strategy.fields>>().toEqualTypeOf<
    { readonly token: string } & { readonly refreshToken?: string }
  >()
})

test('what the composition says of the app', () => {
  const known = oauth2(endpoints)
  expectTypeOf<AppOf<typeof known>>().toEqualTypeOf<OAuthApp>()
  const met = oauth2({ protectedResource: ({ url }) => String(url), registration: { clientName: 'x' } })
  expectTypeOf<AppOf<typeof met>>().toEqualTypeOf<RegisteredApp>()
  const open = oidc({ issuer: 'https://x' })
  expectTypeOf<AppOf<typeof open>>().toEqualTypeOf<OAuthApp>()
  const exchanged = tokenExchange({ issuer: 'https://x' })
  expectTypeOf<AppOf<typeof exchanged>>().toEqualTypeOf<OAuthApp>()
})

test('each strategy is one for the runtime', () => {
  expectTypeOf(oauth2(endpoints)).toExtend<AuthStrategy>()
  expectTypeOf(oidc({ issuer: 'https://x' })).toExtend<AuthStrategy>()
  expectTypeOf(clientCredentials({ tokenUrl: 'https://x' })).toExtend<AuthStrategy>()
  expectTypeOf(jwtBearer({ tokenUrl: 'https://x' })).toExtend<AuthStrategy>()
})

test('the fields follow from how the app proves itself', () => {
  const withSecret = clientCredentials({ tokenUrl: 'https://x' })
  expectTypeOf<CredentialOf<typeof withSecret.fields>>().toExtend<{ clientId: string; clientSecret: string }>()
  const withKey = clientCredentials({ tokenUrl: 'https://x', clientAuthentication: 'private_key_jwt' })
  expectTypeOf<CredentialOf<typeof withKey.fields>>().toExtend<{ clientId: string; privateKey: string }>()
  const account = jwtBearer({ tokenUrl: 'https://x', issuerField: 'clientEmail' })
  expectTypeOf<CredentialOf<typeof account.fields>>().toExtend<{ clientEmail: string; privateKey: string }>()
})

test('what must not compile', () => {
  // @ts-expect-error nothing says where the server is
  oauth2({ scopes: ['read'] })
  // @ts-expect-error a person has nowhere to agree
  oauth2({ tokenUrl: 'https://x/token' })
  // @ts-expect-error no such option
  oauth2({ ...endpoints, scpoes: ['read'] })
  // @ts-expect-error no such way to authenticate
  oauth2({ ...endpoints, clientAuthentication: 'header' })
  // @ts-expect-error OpenID Connect has an issuer
  oidc(endpoints)
  // @ts-expect-error no such rotation
  oauth2({ ...endpoints, refresh: { rotation: 'sometimes' } })
  // @ts-expect-error an assertion needs a token URL
  jwtBearer({ issuer: 'https://x' })
  // @ts-expect-error PKCE is S256 or nothing
  oauth2({ ...endpoints, pkce: 'plain' })
})
