import { createFakeClock, errorOf } from '@mcpclient/testing'
import type { Responder, ScriptedReply } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { TransportError } from '@mcpclient/core'
import { discoverAuthorizationServer, isSameIssuer } from '../../src/oauth/discovery.ts'
import { discoverProtectedResource } from '../../src/oauth/protected-resource.ts'
import { oauth2 } from '../../src/oauth/oauth2.ts'
import { memoryRegistrations } from './flow-context.ts'
import { ASK, CALLBACK, ENDPOINTS, grantOf, scriptedContext, strategyWith, TOKENS } from './scripted-server.ts'
import { protocolOf } from './strategy-flow.ts'

const SERVER = 'https://mcp.example/notes'
const ISSUER = 'https://login.example'
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  registration_endpoint: `${ISSUER}/register`,
  code_challenge_methods_supported: ['S256'],
  token_endpoint_auth_methods_supported: ['none'],
}

const strategy = oauth2({ protectedResource: SERVER, pkce: 'required', registration: { clientName: 'A test' } })

/** Returns a network with a resource, its authorization server and a registration. */
function network(given: {
  readonly named?: string
  readonly metadata?: object
  readonly client?: object
  readonly resource?: object
}): Responder {
  const { named = ISSUER, metadata = METADATA, client = {}, resource = {} } = given
  const replies: Readonly<Record<string, ScriptedReply>> = {
    'https://mcp.example/.well-known/oauth-protected-resource/notes': {
      json: { resource: SERVER, authorization_servers: [named], ...resource },
    },
    [`${ISSUER}/.well-known/oauth-authorization-server`]: { json: metadata },
    [`${ISSUER}/register`]: { status: 201, json: { client_id: 'dynamic-1', ...client } },
    [`${ISSUER}/token`]: { json: TOKENS },
  }
  return ({ url }) => replies[url] ?? { status: 404 }
}

async function login(given: Parameters<typeof network>[0], callback: string = CALLBACK.href) {
  const { context, transport } = scriptedContext(network(given), { app: {}, registrations: memoryRegistrations() })
  const { authorize, redeem, refresh } = await protocolOf(strategy)
  const { pending } = await authorize(context, ASK)
  const grant = await redeem(context, pending, ASK, new URL(callback))
  return { grant, transport, refreshed: await refresh(context, { ...grant, refreshToken: 'refresh-1' }) }
}

describe('an issuer with an empty path', () => {
  it.each([
    ['the resource omits the slash', ISSUER, `${ISSUER}/`],
    ['the metadata omits the slash', `${ISSUER}/`, ISSUER],
  ])('is equal in both spellings: %s', async (_name, named, issuer) => {
    const { refreshed } = await login({ named, metadata: { ...METADATA, issuer } })
    expect(refreshed.accessToken).toBe('access-2')
  })

  it('may be spelled in a callback as in the metadata or as in the resource', async () => {
    for (const iss of [ISSUER, `${ISSUER}/`]) {
      const metadata = { ...METADATA, issuer: `${ISSUER}/`, authorization_response_iss_parameter_supported: true }
      const { grant } = await login({ metadata }, `${CALLBACK.href}&iss=${encodeURIComponent(iss)}`)
      expect(grant.accessToken).toBe('access-2')
    }
  })

  it.each([
    ['https://login.example', 'https://login.example/', true],
    ['https://login.example:8443/', 'https://login.example:8443', true],
    ['https://login.example/tenant', 'https://login.example/tenant/', false],
    ['https://login.example', 'https://LOGIN.example', false],
    ['https://login.example', 'https://login.example//', false],
    ['https://login.example', 'http://login.example/', false],
    ['https://login.example', 'https://login.example.', false],
    ['https://login.example', 'https://login.example/?', false],
    ['https://login.example', 'https://login.example:443/', false],
    ['https://login.example', 'https://evil.example/', false],
  ])('compares %s and %s as strings otherwise', (one, other, isSame) => {
    expect(isSameIssuer(one, other)).toBe(isSame)
    expect(isSameIssuer(other, one)).toBe(isSame)
  })

  it('is named together with the other one in the error if they differ', async () => {
    const failure = await errorOf(login({ metadata: { ...METADATA, issuer: 'https://evil.example/' } }))
    expect(failure).toMatchObject({ code: 'CONFIGURATION_ERROR', details: { reason: 'issuer_mismatch' } })
    expect(failure.message).toContain(ISSUER)
    expect(failure.message).toContain('https://evil.example/')
  })
})

describe('null in a response of a server', () => {
  it.each([
    'jwks_uri',
    'revocation_endpoint',
    'device_authorization_endpoint',
    'pushed_authorization_request_endpoint',
    'introspection_endpoint',
    'scopes_supported',
    'token_endpoint_auth_signing_alg_values_supported',
    'dpop_signing_alg_values_supported',
    'authorization_response_iss_parameter_supported',
    'client_id_metadata_document_supported',
  ])('means absent for %s in metadata', async (name) => {
    const { grant } = await login({ metadata: { ...METADATA, [name]: null } })
    expect(grant.accessToken).toBe('access-2')
  })

  it.each([
    ['client_secret', null],
    ['client_secret_expires_at', null],
    ['client_secret_expires_at', '0'],
    ['client_id_issued_at', null],
    ['token_endpoint_auth_method', null],
    ['redirect_uris', null],
    ['registration_client_uri', null],
    ['scope', null],
  ])('means absent for %s (%j) in a registration', async (name, value) => {
    const { grant } = await login({ client: { [name]: value } })
    expect(grant.accessToken).toBe('access-2')
  })

  it('means absent for the expiry of a client secret', async () => {
    const client = { client_secret: 'dynamic-secret', client_secret_expires_at: null }
    expect((await login({ client })).grant.accessToken).toBe('access-2')
  })

  it.each(['scopes_supported', 'bearer_methods_supported', 'resource_name', 'jwks_uri'])(
    'means absent for %s of a protected resource',
    async (name) => {
      expect((await login({ resource: { [name]: null } })).grant.accessToken).toBe('access-2')
    },
  )

  it.each(['refresh_token', 'expires_in', 'scope', 'token_type', 'id_token', 'refresh_token_expires_in'])(
    'means absent for %s in a token response',
    async (name) => {
      const { context } = scriptedContext([{ json: { ...TOKENS, [name]: null } }])
      const { refresh } = await protocolOf(strategyWith())
      expect((await refresh(context, grantOf())).accessToken).toBe('access-2')
    },
  )

  it.each(['verification_uri_complete', 'interval'])('means absent for %s in a device response', async (name) => {
    const json = {
      device_code: 'd',
      user_code: 'U',
      verification_uri: 'https://login.example/d',
      expires_in: '600',
      [name]: null,
    }
    const { context } = scriptedContext([{ json }])
    const { authorizeDevice } = await protocolOf(oauth2({ ...ENDPOINTS, deviceUrl: `${ISSUER}/device` }))
    const started = await authorizeDevice(context, { scopes: [] })
    expect(started).toMatchObject({ userCode: 'U', expiresInMs: 600_000, intervalMs: 5000 })
    expect(started).not.toHaveProperty('verificationUriComplete')
  })

  it('means absent in a revocation response', async () => {
    for (const json of [null, { error: null }]) {
      const { context } = scriptedContext([{ json }])
      const { revoke } = await protocolOf(strategyWith())
      await expect(revoke(context, grantOf())).resolves.toBeUndefined()
    }
  })
})

describe('a request that only reads', () => {
  const reset = new TransportError('other side closed', { sent: true })

  it('is sent again if the server closes the connection', async () => {
    const { context, transport } = scriptedContext([reset, reset, { json: METADATA }])
    expect(await discoverAuthorizationServer(context, ISSUER)).toMatchObject({ issuer: ISSUER })
    transport.verify()
  })

  it('is sent three times at most', async () => {
    const { context, transport } = scriptedContext(() => reset)
    expect((await errorOf(discoverProtectedResource(context, SERVER))).code).toBe('MCP_CONNECTION_ERROR')
    expect(transport.requests).toHaveLength(3)
  })

  it('is sent again, but a token request is not, because it may have been processed', async () => {
    const { context, transport } = scriptedContext(() => reset)
    const { refresh } = await protocolOf(strategyWith())
    expect((await errorOf(refresh(context, grantOf()))).details.outcome).toBe('unknown')
    expect(transport.requests).toHaveLength(1)
  })
})

describe('an authorization server that does not respond', () => {
  it('is aborted after 30 seconds, even if the transport ignores the signal', async () => {
    const clock = createFakeClock()
    const asked = Promise.withResolvers<void>()
    const send = () => {
      asked.resolve()
      return new Promise<never>(() => undefined)
    }
    const { context } = scriptedContext([], { clock, transport: { send } })
    const { refresh } = await protocolOf(strategyWith())
    const refreshing = errorOf(refresh(context, grantOf()))
    await asked.promise
    await clock.advance(30_000)
    expect(await refreshing).toMatchObject({ code: 'TIMEOUT', details: { outcome: 'unknown' } })
  })

  it.each([
    ['a wait of days', '259200', 900_000],
    ['a date in half a year', 'Wed, 01 Jul 2026 00:00:00 GMT', 900_000],
    ['a minute', '60', 60_000],
  ])('is obeyed within bounds if it returns Retry-After %s', async (_name, header, retryAfterMs) => {
    for (const status of [429, 503]) {
      const { context } = scriptedContext([{ status, headers: { 'retry-after': header } }])
      const { refresh } = await protocolOf(strategyWith())
      expect((await errorOf(refresh(context, grantOf()))).details.retryAfterMs).toBe(retryAfterMs)
    }
  })
})

describe('a callback with an issuer, at a server with configured endpoints', () => {
  const complete = async (iss: string, issuer?: string) => {
    const { context, transport } = scriptedContext(() => ({ json: TOKENS }))
    const { authorize, redeem } = await protocolOf(strategyWith({ issuer }))
    const { pending } = await authorize(context, ASK)
    const callback = new URL(`${CALLBACK.href}&iss=${encodeURIComponent(iss)}`)
    return { redeeming: redeem(context, pending, ASK, callback), transport }
  }

  it.each([
    ['https://evil.example', undefined],
    ['https://login.example.evil.example', undefined],
    ['https://notlogin.example', undefined],
    ['example', undefined],
    ['https://example', undefined],
    ['https://login.example/other', 'https://login.example'],
    ['https://evil.example', 'https://login.example'],
    ['', 'https://login.example'],
    ['', undefined],
  ])('refuses the foreign issuer %j (configured: %s), and does not send it the code', async (iss, issuer) => {
    const { redeeming, transport } = await complete(iss, issuer)
    expect((await errorOf(redeeming)).details.reason).toBe('issuer_mismatch')
    expect(transport.requests).toEqual([])
  })

  it.each([
    ['https://login.example', undefined],
    ['https://login.example/tenant', undefined],
    ['https://eu.login.example', undefined],
    ['https://login.example', 'https://login.example'],
    ['https://login.example/', 'https://login.example'],
  ])('accepts %s (configured: %s)', async (iss, issuer) => {
    const { redeeming } = await complete(iss, issuer)
    expect((await redeeming).accessToken).toBe('access-2')
  })
})
