import { expectTypeOf, it } from 'vitest'
import { clientCredentials, jwtBearer, oauth2, oidc, tokenExchange } from '@mcpclient/core/define'
import type { AuthStrategy, CredentialOf, OAuthApp, RegisteredApp } from '@mcpclient/core/define'

const endpoints = { authorizationUrl: 'https://x/authorize', tokenUrl: 'https://x/token' } as const

type AppOf<S> = S extends { readonly app?: infer App } ? Exclude<App, undefined> : never

it('accepts a pasted token, with or without a refresh token', () => {
  const strategy = oauth2(endpoints)
  expectTypeOf<CredentialOf<typeof strategy.fields>>().toEqualTypeOf<
    { readonly token: string } & { readonly refreshToken?: string }
  >()
})

it('types the options of the app', () => {
  const known = oauth2(endpoints)
  expectTypeOf<AppOf<typeof known>>().toEqualTypeOf<OAuthApp>()
  const met = oauth2({ protectedResource: ({ url }) => String(url), registration: { clientName: 'x' } })
  expectTypeOf<AppOf<typeof met>>().toEqualTypeOf<RegisteredApp>()
  const open = oidc({ issuer: 'https://x' })
  expectTypeOf<AppOf<typeof open>>().toEqualTypeOf<OAuthApp>()
  const exchanged = tokenExchange({ issuer: 'https://x' })
  expectTypeOf<AppOf<typeof exchanged>>().toEqualTypeOf<OAuthApp>()
})

it('assigns each strategy to AuthStrategy', () => {
  expectTypeOf(oauth2(endpoints)).toExtend<AuthStrategy>()
  expectTypeOf(oidc({ issuer: 'https://x' })).toExtend<AuthStrategy>()
  expectTypeOf(clientCredentials({ tokenUrl: 'https://x' })).toExtend<AuthStrategy>()
  expectTypeOf(jwtBearer({ tokenUrl: 'https://x' })).toExtend<AuthStrategy>()
})

it('derives the fields from the client authentication', () => {
  const withSecret = clientCredentials({ tokenUrl: 'https://x' })
  expectTypeOf<CredentialOf<typeof withSecret.fields>>().toExtend<{ clientId: string; clientSecret: string }>()
  const withKey = clientCredentials({ tokenUrl: 'https://x', clientAuthentication: 'private_key_jwt' })
  expectTypeOf<CredentialOf<typeof withKey.fields>>().toExtend<{ clientId: string; privateKey: string }>()
  const account = jwtBearer({ tokenUrl: 'https://x', issuerField: 'clientEmail' })
  expectTypeOf<CredentialOf<typeof account.fields>>().toExtend<{ clientEmail: string; privateKey: string }>()
})

it('rejects invalid definitions', () => {
  // @ts-expect-error the server is missing
  oauth2({ scopes: ['read'] })
  // @ts-expect-error the consent endpoint is missing
  oauth2({ tokenUrl: 'https://x/token' })
  // @ts-expect-error unknown option
  oauth2({ ...endpoints, scpoes: ['read'] })
  // @ts-expect-error unknown client authentication
  oauth2({ ...endpoints, clientAuthentication: 'header' })
  // @ts-expect-error OpenID Connect requires an issuer
  oidc(endpoints)
  // @ts-expect-error unknown rotation
  oauth2({ ...endpoints, refresh: { rotation: 'sometimes' } })
  // @ts-expect-error an assertion needs a token URL
  jwtBearer({ issuer: 'https://x' })
  // @ts-expect-error PKCE supports only S256
  oauth2({ ...endpoints, pkce: 'plain' })
})
