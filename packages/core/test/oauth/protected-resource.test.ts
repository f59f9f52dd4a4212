import { errorOf } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import type { Responder, ScriptedReply } from '@mcpclient/testing'
import { oauth2 } from '../../src/oauth/oauth2.ts'
import { readChallenge } from '../../src/oauth/challenge.ts'
import { discoverProtectedResource } from '../../src/oauth/protected-resource.ts'
import { memoryRegistrations } from './flow-context.ts'
import { ASK, grantOf, scriptedContext, TOKENS } from './scripted-server.ts'
import { protocolOf } from './strategy-flow.ts'
import type { FlowContext } from '../../src/auth/grant-flow.ts'

const SERVER = 'https://mcp.example/notes'
const ISSUER = 'https://login.example'
const RESOURCE = { resource: SERVER, authorization_servers: [ISSUER], scopes_supported: ['notes.read'] }
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  registration_endpoint: `${ISSUER}/register`,
  code_challenge_methods_supported: ['S256'],
  token_endpoint_auth_methods_supported: ['none'],
}
const CLIENT = { client_id: 'dynamic-1', token_endpoint_auth_method: 'none' }

/** Returns a network that responds by path, and with 404 to unknown ones. */
const at =
  (replies: Readonly<Record<string, ScriptedReply>>): Responder =>
  ({ url }) =>
    replies[url] ?? { status: 404 }

const network = {
  'https://mcp.example/.well-known/oauth-protected-resource/notes': { json: RESOURCE },
  [`${ISSUER}/.well-known/oauth-authorization-server`]: { json: METADATA },
  [`${ISSUER}/register`]: { status: 201, json: CLIENT },
  [`${ISSUER}/token`]: { json: TOKENS },
}

const strategy = oauth2({
  protectedResource: ({ url }) => String(url),
  pkce: 'required',
  registration: { clientName: 'A test' },
})

const world = (replies: Readonly<Record<string, ScriptedReply>>, given: Partial<FlowContext> = {}) =>
  scriptedContext(at(replies), { app: {}, settings: { url: SERVER }, ...given })

const ask = { ...ASK, scopes: [] as readonly string[] }

it('gets a grant from a URL alone: resource, server, registration, code, refresh', async () => {
  const registrations = memoryRegistrations()
  const { context, transport } = world(network, { registrations })
  const { authorize, redeem, refresh } = await protocolOf(strategy)
  const { url, pending } = await authorize(context, ask)
  const query = Object.fromEntries(new URL(url).searchParams)
  expect(query).toMatchObject({ client_id: 'dynamic-1', resource: SERVER, scope: 'notes.read' })
  expect(transport.requests.find(({ url: asked }) => asked === `${ISSUER}/register`)?.json).toEqual({
    client_name: 'A test',
    redirect_uris: [ASK.redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'web',
  })
  const grant = await redeem(context, pending, ask, new URL(`${ASK.redirectUri}?code=c&state=${ASK.state}`))
  expect(grant).toMatchObject({ issuer: ISSUER, resource: SERVER, scopes: ['notes.read'] })
  await refresh(context, grant)
  const tokens = transport.requests.filter(({ url: asked }) => asked === `${ISSUER}/token`)
  expect(tokens.map(({ form }) => form?.['resource'])).toEqual([SERVER, SERVER])
  expect(tokens.map(({ form }) => form?.['client_id'])).toEqual(['dynamic-1', 'dynamic-1'])
})

it('uses the metadata URL and the scopes of a challenge first', async () => {
  const header = 'Bearer error="insufficient_scope", scope="notes.write", resource_metadata="https://mcp.example/meta"'
  expect(await readChallenge(header)).toEqual({
    error: 'insufficient_scope',
    scopes: ['notes.write'],
    resourceMetadata: 'https://mcp.example/meta',
  })
  const { context, transport } = world({ ...network, 'https://mcp.example/meta': { json: RESOURCE } })
  const { authorize } = await protocolOf(strategy)
  const { url } = await authorize(context, { ...ask, scopes: ['notes.read'], challenge: header })
  expect(new URL(url).searchParams.get('scope')).toBe('notes.read notes.write')
  expect(transport.requests[0]?.url).toBe('https://mcp.example/meta')
})

it.each([
  ['Basic realm="x"', undefined],
  ['', undefined],
  ['Basic realm="x", Bearer error="invalid_token"', { error: 'invalid_token' }],
  ['DPoP error="use_dpop_nonce"', { error: 'use_dpop_nonce' }],
  ['Bearer', {}],
])('parses the challenge %j', async (header, expected) => {
  expect(await readChallenge(header)).toEqual(expected)
})

it("uses the URL of the app's metadata document as its id if the server supports that", async () => {
  const metadata = { ...METADATA, client_id_metadata_document_supported: true }
  const { context } = world(
    { ...network, [`${ISSUER}/.well-known/oauth-authorization-server`]: { json: metadata } },
    { app: { clientMetadataUrl: 'https://host.example/client.json' } },
  )
  const { authorize } = await protocolOf(strategy)
  const { url, pending } = await authorize(context, ask)
  expect(new URL(url).searchParams.get('client_id')).toBe('https://host.example/client.json')
  expect(pending['clientId']).toBe('https://host.example/client.json')
})

it('does not register a preregistered app', async () => {
  const { context, transport } = world(network, { app: { clientId: 'known' } })
  const { authorize } = await protocolOf(strategy)
  const { url } = await authorize(context, ask)
  expect(new URL(url).searchParams.get('client_id')).toBe('known')
  expect(transport.requests.some(({ url: asked }) => asked.endsWith('/register'))).toBe(false)
})

it('deletes a registration that the server no longer knows, and asks for consent again', async () => {
  const registrations = memoryRegistrations()
  await registrations.keep(ISSUER, CLIENT)
  const { context } = world(
    { ...network, [`${ISSUER}/token`]: { status: 401, json: { error: 'invalid_client' } } },
    { registrations },
  )
  const { refresh } = await protocolOf(strategy)
  const failure = await errorOf(refresh(context, grantOf({ issuer: ISSUER })))
  expect(failure).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { reason: 'registration_lost' } })
  expect(registrations.kept.size).toBe(0)
  expect((await errorOf(refresh(context, grantOf({ issuer: ISSUER })))).details.reason).toBe('registration_lost')
})

it('redeems a code with the client that requested it', async () => {
  const registrations = memoryRegistrations()
  const { context, transport } = world(network, { registrations })
  const { authorize, redeem } = await protocolOf(strategy)
  const { pending } = await authorize(context, ask)
  await registrations.forget(ISSUER)
  await registrations.keep(ISSUER, { ...CLIENT, client_id: 'dynamic-2' })
  const redeeming = redeem(context, pending, ask, new URL(`${ASK.redirectUri}?code=c&state=${ASK.state}`))
  expect((await errorOf(redeeming)).details.reason).toBe('registration_lost')
  expect(transport.requests.some(({ url }) => url.endsWith('/token'))).toBe(false)
})

it.each([
  ['its secret has expired', { ...CLIENT, client_secret: 's', client_secret_expires_at: 1 }],
  ['it has another redirect URI', { ...CLIENT, redirect_uris: ['https://elsewhere.example/'] }],
])('registers the app again if %s', async (_name, kept) => {
  const registrations = memoryRegistrations()
  await registrations.keep(ISSUER, { ...kept, client_id: 'old' })
  const { context } = world(network, { registrations })
  const { authorize } = await protocolOf(strategy)
  const { url } = await authorize(context, ask)
  expect(new URL(url).searchParams.get('client_id')).toBe('dynamic-1')
})

it('uses the registration that another process stored meanwhile', async () => {
  const registrations = { ...memoryRegistrations(), keep: () => Promise.resolve({ ...CLIENT, client_id: 'theirs' }) }
  const { context } = world(network, { registrations })
  const { authorize } = await protocolOf(strategy)
  const { url } = await authorize(context, ask)
  expect(new URL(url).searchParams.get('client_id')).toBe('theirs')
})

it('keeps a grant at its server even if the resource names another one', async () => {
  const moved = { json: { ...RESOURCE, authorization_servers: ['https://evil.example'] } }
  const registrations = memoryRegistrations()
  await registrations.keep(ISSUER, CLIENT)
  const { context, transport } = world(
    { ...network, 'https://mcp.example/.well-known/oauth-protected-resource/notes': moved },
    { registrations },
  )
  const { refresh } = await protocolOf(strategy)
  await refresh(context, grantOf({ issuer: ISSUER }))
  expect(transport.requests.some(({ url }) => url.includes('evil'))).toBe(false)
})

it.each(['https://other.example/notes', 'https://mcp.example/note', 'http://mcp.example/notes', 'notes'])(
  'refuses metadata of %s for the requested resource',
  async (resource) => {
    const { context } = world({
      'https://mcp.example/.well-known/oauth-protected-resource/notes': { json: { ...RESOURCE, resource } },
    })
    const failure = await errorOf(discoverProtectedResource(context, SERVER))
    expect(failure).toMatchObject({ code: 'CONFIGURATION_ERROR', details: { reason: 'resource_mismatch' } })
  },
)

it('accepts metadata of a parent path and of the root', async () => {
  const root = { json: { ...RESOURCE, resource: 'https://mcp.example/' } }
  const { context } = world({ 'https://mcp.example/.well-known/oauth-protected-resource': root })
  expect(await discoverProtectedResource(context, SERVER)).toMatchObject({ resource: 'https://mcp.example/' })
})

it('refuses a public resource that names this machine', async () => {
  const inside = { json: { ...RESOURCE, authorization_servers: ['http://127.0.0.1:9200'] } }
  const { context } = world({ 'https://mcp.example/.well-known/oauth-protected-resource/notes': inside })
  expect((await errorOf(discoverProtectedResource(context, SERVER))).code).toBe('CONFIGURATION_ERROR')
})

it('uses the default endpoints of revision 2025-03-26 if there is no metadata', async () => {
  const { context, transport } = world({ 'https://mcp.example/register': { status: 201, json: CLIENT } })
  const { authorize } = await protocolOf(strategy)
  const { url } = await authorize(context, ask)
  expect(new URL(url).origin + new URL(url).pathname).toBe('https://mcp.example/authorize')
  expect(transport.requests.at(-1)?.json).toMatchObject({ token_endpoint_auth_method: 'client_secret_basic' })
})

it('requests offline access if the server supports it', async () => {
  const metadata = { ...METADATA, scopes_supported: ['offline_access', 'notes.read'] }
  const { context } = world({ ...network, [`${ISSUER}/.well-known/oauth-authorization-server`]: { json: metadata } })
  const { authorize } = await protocolOf(strategy)
  const { url } = await authorize(context, ask)
  const query = Object.fromEntries(new URL(url).searchParams)
  expect(query).toMatchObject({ scope: 'notes.read offline_access', prompt: 'consent' })
})
