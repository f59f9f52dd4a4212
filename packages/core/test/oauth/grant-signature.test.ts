import { createHmac } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import { scriptedTransport } from '@mcpclient/testing'
import { defineConnector, get } from '../../src/define.ts'
import { createMcpClient } from '../../src/index.ts'
import { vault } from '../../src/vault.ts'
import { oauth2 } from '../../src/oauth/oauth2.ts'
import { generateKey } from '../../src/oauth/dpop.ts'
import { ENDPOINTS, grantOf } from './scripted-server.ts'

const request = { method: 'get', url: 'https://api.example/notes?page=2#top', headers: {} }
const plain = oauth2(ENDPOINTS)
const bound = oauth2({ ...ENDPOINTS, dpop: true })
const headersOf = (entries: Readonly<Record<string, string>>) => ({ get: (name: string) => entries[name] ?? null })

it('signs with a pasted token, and prefers a grant', () => {
  expect(plain.sign(request, { token: 'pasted' })).toEqual({ headers: { authorization: 'Bearer pasted' } })
  expect(plain.sign(request, { token: 'pasted' }, grantOf())).toEqual({
    headers: { authorization: 'Bearer access-canary-0001' },
  })
})

it('refuses to sign without a token', () => {
  expect(() => plain.sign(request, {} as { token: string })).toThrow(/no access token/)
})

describe('a proof of the client secret', () => {
  const proven = oauth2({ ...ENDPOINTS, secretProof: 'proof' })
  const app = { clientId: 'app-1', clientSecret: 'secret-ü' }
  const proofOf = (token: string) => createHmac('sha256', app.clientSecret).update(token).digest('hex')

  it('is the HMAC of the token that is sent', async () => {
    expect(await proven.sign(request, { token: 'pasted' }, undefined, app)).toEqual({
      headers: { authorization: 'Bearer pasted' },
      query: { proof: proofOf('pasted') },
    })
    expect(await proven.sign(request, { token: 'pasted' }, grantOf(), app)).toMatchObject({
      query: { proof: proofOf('access-canary-0001') },
    })
  })

  it('is left out for an app without a secret, which needs no wait', () => {
    const bare = { headers: { authorization: 'Bearer pasted' } }
    expect(proven.sign(request, { token: 'pasted' })).toEqual(bare)
    expect(proven.sign(request, { token: 'pasted' }, undefined, { clientId: 'app-1' })).toEqual(bare)
  })

  it('is sent with the secret of the composition, with and without a vault', async () => {
    const notes = defineConnector({
      id: 'notes',
      name: 'Notes',
      baseUrl: 'https://api.example/',
      auth: proven,
      check: { request: get('me') },
      tools: {},
    })
    for (const token of [undefined, 'composed']) {
      const transport = scriptedTransport([{ json: {} }])
      const connectors = { notes: notes({ ...app, ...(token && { token }) }) }
      const mcp = createMcpClient({ connectors, transport, ...(token === undefined && { vault: vault() }) })
      const ada = mcp.as('ada').notes
      await (token === undefined ? ada.connect({ token: 'pasted' }) : ada.health())
      expect(transport.requests[0]?.query).toEqual({ proof: proofOf(token ?? 'pasted') })
    }
  })
})

it('passes responses only to strategies that need them', () => {
  expect(plain.onResponse).toBeUndefined()
})

it('sends a bound token with a proof for the request', async () => {
  const key = await generateKey()
  const grant = grantOf({ tokenType: 'DPoP', key })
  const { headers } = await bound.sign(request, { token: '' }, grant)
  expect(headers?.['authorization']).toBe('DPoP access-canary-0001')
  const proof = headers?.['dpop'] ?? ''
  const { jwk } = decodeProtectedHeader(proof)
  expect(decodeProtectedHeader(proof)).toMatchObject({ typ: 'dpop+jwt', alg: 'ES256' })
  expect(jwk).toEqual({ kty: 'EC', crv: 'P-256', x: key['x'], y: key['y'] })
  expect(decodeJwt(proof)).toMatchObject({ htm: 'GET', htu: 'https://api.example/notes' })
  expect(decodeJwt(proof)).not.toHaveProperty('nonce')
  const { headers: again } = await bound.sign(request, { token: '' }, grant)
  expect(decodeJwt(again?.['dpop'] ?? '').jti).not.toBe(decodeJwt(proof).jti)
})

it('puts the nonce of a service into the next proof, and retries once after a missing nonce', async () => {
  const strategy = oauth2({ ...ENDPOINTS, dpop: true })
  const { url } = request
  const challenge = { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': 'n1' }
  expect(strategy.onResponse?.(url, { status: 401, headers: headersOf({}) })).toBe(false)
  expect(strategy.onResponse?.(url, { status: 401, headers: headersOf(challenge) })).toBe(true)
  expect(strategy.onResponse?.(url, { status: 401, headers: headersOf(challenge) })).toBe(false)
  expect(strategy.onResponse?.(url, { status: 200, headers: headersOf({ 'dpop-nonce': 'n2' }) })).toBe(false)
  const grant = grantOf({ tokenType: 'DPoP', key: await generateKey() })
  const { headers } = await strategy.sign(request, { token: '' }, grant)
  expect(decodeJwt(headers?.['dpop'] ?? '')).toMatchObject({ nonce: 'n2' })
  const elsewhere = await strategy.sign({ ...request, url: 'https://other.example/' }, { token: '' }, grant)
  expect(decodeJwt(elsewhere.headers?.['dpop'] ?? '')).not.toHaveProperty('nonce')
})
