import { expect, it } from 'vitest'
import { clientCredentials } from '../../src/oauth/client-credentials.ts'
import { jwtBearer } from '../../src/oauth/jwt-bearer.ts'
import { oauth2 } from '../../src/oauth/oauth2.ts'
import { tokenExchange } from '../../src/oauth/token-exchange.ts'
import { ENDPOINTS } from './scripted-server.ts'

const { flow } = oauth2(ENDPOINTS)
const secretFlow = oauth2({ ...ENDPOINTS, clientAuthentication: 'basic' }).flow
const keyFlow = oauth2({ ...ENDPOINTS, clientAuthentication: 'private_key_jwt' }).flow
const registeringFlow = oauth2({ protectedResource: 'https://mcp.example', registration: { clientName: 'x' } }).flow

it('returns undefined if the composition configures no app', () => {
  expect(flow?.app({ token: 'x', defaultChannel: 'C1' })).toBeUndefined()
  expect(registeringFlow?.app({})).toEqual({})
})

it('returns only the options of the app', () => {
  expect(flow?.app({ clientId: 'a', clientSecret: 'b', defaultChannel: 'C1' })).toEqual({
    clientId: 'a',
    clientSecret: 'b',
  })
})

it.each([
  { clientSecret: 's' },
  { clientId: '' },
  { clientId: 1 },
  { clientId: 'a', clientSecret: undefined, scopes: 'read write' },
  { clientId: 'a', scopes: ['read write'] },
  { clientId: 'a', redirectUri: '/callback' },
  { clientId: 'a', redirectUri: 'http://host.example/callback' },
  { clientId: 'a', redirectUri: 'https://host.example/callback#there' },
  { clientId: 'a', redirectUri: 'javascript:alert(1)' },
  { clientId: 'a', privateKey: 7 },
  { clientId: 'a', endpoints: { tokenUrl: '/token' } },
  { clientId: 'a', endpoints: 'https://login.example' },
])('refuses %j', (options) => {
  expect(() => flow?.app(options)).toThrow(/^The OAuth app is not valid/)
})

it.each(['https://host.example/cb', 'http://localhost:8080/cb', 'http://[::1]/cb', 'com.example.app:/cb'])(
  'accepts the redirect URI %s',
  (redirectUri) => {
    expect(flow?.app({ clientId: 'a', redirectUri })).toMatchObject({ redirectUri })
  },
)

it("requires the secret for the definition's client authentication", () => {
  expect(() => secretFlow?.app({ clientId: 'a' })).toThrow(/clientSecret is missing/)
  expect(() => keyFlow?.app({ clientId: 'a', clientSecret: 'b' })).toThrow(/privateKey is missing/)
  expect(keyFlow?.app({ clientId: 'a', privateKey: { kty: 'EC' } })).toMatchObject({ privateKey: { kty: 'EC' } })
})

it('requires an https URL with a path for a metadata document', () => {
  expect(() => registeringFlow?.app({ clientMetadataUrl: 'https://host.example' })).toThrow(/clientMetadataUrl/)
  expect(() => registeringFlow?.app({ clientMetadataUrl: 'http://host.example/c.json' })).toThrow(/clientMetadataUrl/)
  const app = { clientMetadataUrl: 'https://host.example/c.json' }
  expect(registeringFlow?.app(app)).toEqual(app)
})

it('lists every option of the app as a field, for forms', () => {
  expect(Object.keys(flow?.appFields ?? {})).toEqual([
    'clientId',
    'clientSecret',
    'privateKey',
    'keyId',
    'redirectUri',
    'scopes',
    'endpoints',
  ])
  const secrets = Object.entries(flow?.appFields ?? {}).filter(([, { secret }]) => secret)
  expect(secrets.map(([name]) => name)).toEqual(['clientSecret', 'privateKey'])
})

it('requires only the client id, and nothing if the app can be registered at run time', () => {
  const required = (fields: object = {}) =>
    Object.entries(fields).flatMap(([name, { optional }]: [string, { optional?: boolean }]) => (optional ? [] : [name]))
  expect(required(flow?.appFields)).toEqual(['clientId'])
  expect(required(registeringFlow?.appFields)).toEqual([])
})

it('needs a client id for a token exchange, because no app is registered for one', () => {
  const exchangeFlow = tokenExchange({ tokenUrl: ENDPOINTS.tokenUrl }).flow
  expect(exchangeFlow?.app({ token: 'x' })).toBeUndefined()
  expect(() => exchangeFlow?.app({ clientSecret: 's' })).toThrow(/clientId is missing/)
  expect(exchangeFlow?.app({ clientId: 'a' })).toEqual({ clientId: 'a' })
})

it.each([
  ['oauth2', oauth2(ENDPOINTS).fields, ['token', 'refreshToken'], []],
  ['clientCredentials', clientCredentials(ENDPOINTS).fields, ['clientSecret'], ['clientId']],
  [
    'clientCredentials with a key',
    clientCredentials({ ...ENDPOINTS, clientAuthentication: 'private_key_jwt' }).fields,
    ['privateKey'],
    ['clientId', 'keyId'],
  ],
  ['jwtBearer', jwtBearer(ENDPOINTS).fields, ['privateKey'], ['clientId', 'keyId', 'subject']],
  ['tokenExchange', tokenExchange(ENDPOINTS).fields, ['subjectToken'], []],
])('marks the secret fields of %s', (_, fields, secrets, others) => {
  const named = (isSecret: boolean) =>
    Object.entries<{ readonly secret: boolean }>(fields).flatMap(([name, { secret }]) =>
      secret === isSecret ? [name] : [],
    )
  expect(named(true)).toEqual(secrets)
  expect(named(false)).toEqual(others)
})

it.each([
  ...['code', 'state', 'iss', 'error', 'error_description', 'error_uri'],
  ...['id_token', 'access_token', 'refresh_token'],
])('refuses to read the parameter %s of a callback as a setting', (parameter) => {
  expect(() => oauth2({ ...ENDPOINTS, authorize: { settings: { realmId: parameter } } })).toThrow(
    `authorize.settings reads the parameter "${parameter}"`,
  )
})
