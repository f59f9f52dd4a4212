import { errorOf } from '@mcpclient/testing'
import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import type { RecordedRequest, ScriptedReply } from '@mcpclient/testing'
import { clientCredentials } from '../../src/oauth/client-credentials.ts'
import { jwtBearer } from '../../src/oauth/jwt-bearer.ts'
import { oauth2 } from '../../src/oauth/oauth2.ts'
import { oidc } from '../../src/oauth/oidc.ts'
import { tokenExchange } from '../../src/oauth/token-exchange.ts'
import type { FlowContext } from '../../src/auth/grant-flow.ts'
import { causeOf, ConnectorError } from '../../src/errors/connector-error.ts'
import { silentLogger } from '../../src/ports/logger.ts'
import { TransportError } from '../../src/ports/transport.ts'
import { APP, ASK, CALLBACK, ENDPOINTS, grantOf, scriptedContext, TOKEN } from './scripted-server.ts'
import { protocolOf } from './strategy-flow.ts'

/** Returns every value of the request that a server could repeat. */
function secretsIn({ form, json, headers, url }: RecordedRequest): readonly string[] {
  const open = new Set(
    'grant_type response_type client_id redirect_uri scope code_challenge_method token_type_hint subject_token_type'.split(
      ' ',
    ),
  )
  const sent = { ...form, ...(json as object | undefined) }
  return [
    ...Object.entries(sent).flatMap(([name, value]) => (open.has(name) ? [] : [String(value)])),
    ...[...new URL(url).searchParams.values()].filter((value) => value.includes('canary')),
    (headers['authorization'] ?? '').replace(/^\w+ /, ''),
  ].filter((secret) => secret.length > 3)
}

type Repeats = (secrets: string) => ScriptedReply

const failures: readonly (readonly [string, Repeats])[] = [
  [
    'a refusal that repeats all in its description',
    (said) => ({ status: 400, json: { error: 'invalid_grant', error_description: said } }),
  ],
  ['a refusal that repeats the request as its error', (said) => ({ status: 400, json: { error: said } })],
  ['a refusal with 200', (said) => ({ json: { error: 'invalid_client', error_description: said } })],
  ['a page that repeats the request', (said) => ({ status: 400, text: `<html>${said}</html>` })],
  ['a page with 200', (said) => ({ text: said })],
  ['a response with an unknown token type', (said) => ({ json: { access_token: said, token_type: said } })],
  ['a response without a token', (said) => ({ json: { hint: said } })],
  ['a server error', (said) => ({ status: 500, text: said })],
  [
    'a redirect that repeats the request',
    (said) => ({ status: 302, headers: { location: `https://evil.example/?${said}` } }),
  ],
  [
    'a network error that repeats the request',
    (said) => new TransportError(said, { sent: true, cause: new Error(said) }),
  ],
  ['any other error', (said) => new Error(said)],
]

const fields = {
  clientId: 'c',
  clientSecret: 'field-secret-canary',
  subjectToken: 'subject-canary',
  privateKey: 'key-canary',
}

type Run = (context: FlowContext) => Promise<unknown>

const runs: readonly (readonly [string, Run])[] = [
  [
    'redeeming a code',
    async (context) => {
      const { authorize, redeem } = await protocolOf(oauth2(ENDPOINTS))
      const { pending } = await authorize(context, ASK)
      return redeem(context, pending, ASK, CALLBACK)
    },
  ],
  ['refreshing', async (context) => (await protocolOf(oauth2(ENDPOINTS))).refresh(context, grantOf())],
  [
    'refreshing with a reading of its own',
    async (context) => {
      const token = { read: () => ({ members: {} }) }
      return (await protocolOf(oauth2({ ...ENDPOINTS, token }))).refresh(context, grantOf())
    },
  ],
  [
    'refreshing with Basic as JSON',
    async (context) => {
      const definition = { ...ENDPOINTS, clientAuthentication: 'basic', token: { format: 'json' } } as const
      return (await protocolOf(oauth2(definition))).refresh(context, grantOf())
    },
  ],
  [
    'exchanging an access token in a URL',
    async (context) => {
      const refresh = {
        url: TOKEN,
        grantType: 'x',
        tokenParameter: 't',
        sends: ['client_secret'],
        method: 'GET',
      } as const
      return (await protocolOf(oauth2({ ...ENDPOINTS, exchange: { refresh } }))).refresh(context, grantOf())
    },
  ],
  [
    'asking a device endpoint',
    async (context) => {
      const { authorizeDevice } = await protocolOf(
        oauth2({ tokenUrl: TOKEN, deviceUrl: 'https://login.example/device' }),
      )
      return authorizeDevice(context, { scopes: [] })
    },
  ],
  [
    'asking for a device',
    async (context) => {
      const { redeemDevice } = await protocolOf(oauth2({ tokenUrl: TOKEN, deviceUrl: 'https://login.example/device' }))
      return redeemDevice(context, { clientId: APP.clientId, deviceCode: 'device-canary', scopes: [] })
    },
  ],
  [
    'pushing an authorization',
    async (context) =>
      (await protocolOf(oauth2({ ...ENDPOINTS, parUrl: 'https://login.example/par' }))).authorize(context, ASK),
  ],
  [
    'client credentials',
    async (context) => {
      const { obtain } = await protocolOf(clientCredentials({ tokenUrl: TOKEN }))
      return obtain({ ...context, fields }, { scopes: [] })
    },
  ],
  [
    'an assertion with a key that is none',
    async (context) => {
      const { obtain } = await protocolOf(jwtBearer({ tokenUrl: TOKEN }))
      return obtain({ ...context, fields }, { scopes: [] })
    },
  ],
  [
    'a token exchange',
    async (context) => {
      const { obtain } = await protocolOf(tokenExchange({ tokenUrl: TOKEN }))
      return obtain({ ...context, fields }, { scopes: [] })
    },
  ],
]

const known = [
  APP.clientSecret,
  'access-canary-0001',
  'refresh-canary-0001',
  'code-canary-1234',
  'device-canary',
  ...['field-secret-canary', 'subject-canary', 'key-canary'],
]

it.each(runs.flatMap(([run, act]) => failures.map(([failure, reply]) => [run, failure, act, reply] as const)))(
  'leaks no secret in %s with %s',
  async (_run, _failure, act, reply) => {
    const secrets: string[] = [...known]
    const lines: unknown[] = []
    const warn = (...line: readonly unknown[]): void => void lines.push(line)
    const { context } = scriptedContext(
      (request) => {
        secrets.push(...secretsIn(request))
        return reply(secretsIn(request).join(' '))
      },
      { logger: { ...silentLogger, warn } },
    )
    // A refresh keeps the grant and logs a warning.
    const failure = await errorOf(act(context).then(() => Promise.reject(new ConnectorError('TIMEOUT', 'Kept.'))))
    const shown = [
      JSON.stringify(lines),
      inspect(failure, { depth: 10, showHidden: true }),
      JSON.stringify(failure),
      failure.message,
      failure.stack,
      failure.advice,
      inspect(causeOf(failure), { depth: 10, showHidden: true }),
    ].join('\n')
    for (const secret of secrets) expect(shown).not.toContain(secret)
  },
)

it.each(['error', 'error_description', 'iss', 'state', 'code'])(
  'does not repeat a secret in the %s of a callback',
  async (name) => {
    const { context } = scriptedContext([])
    const endpoints = { ...ENDPOINTS, issuer: 'https://login.example', jwksUrl: 'https://login.example/keys' }
    const { authorize, redeem } = await protocolOf(oidc(endpoints))
    const { pending } = await authorize(context, ASK)
    const callback = new URL(`${ASK.redirectUri}?state=${ASK.state}&error=access_denied`)
    callback.searchParams.set(name, 'callback canary: call 555-0199')
    const failure = await errorOf(redeem(context, pending, ASK, callback))
    expect(inspect(failure, { depth: 10, showHidden: true }) + JSON.stringify(failure)).not.toContain('callback canary')
  },
)

it('puts no secret into the authorization URL', async () => {
  const { context } = scriptedContext([])
  const { authorize } = await protocolOf(oauth2(ENDPOINTS))
  const { url, pending } = await authorize(context, ASK)
  expect(url).not.toContain(APP.clientSecret)
  expect(url).not.toContain(String(pending['verifier']))
})
