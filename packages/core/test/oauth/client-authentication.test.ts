import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { decodeJwt, jwtVerify } from 'jose'
import { errorOf } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { clientAuthentication } from '../../src/oauth/client-authentication.ts'
import { grantOf, scriptedContext, strategyWith, TOKEN, TOKENS } from './scripted-server.ts'
import type { Definition } from './scripted-server.ts'
import { protocolOf } from './strategy-flow.ts'

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const privateKey = pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
const publicKey = createPublicKey(privateKey)
const metadata = { issuer: 'https://login.example', token_endpoint: TOKEN }

/** Returns the request of a refresh, and the time at which it was sent, in seconds. */
async function refreshing(app: object, definition: Definition) {
  const { context, transport, clock } = scriptedContext([{ json: TOKENS }], { app: { clientId: 'app-1', ...app } })
  const { refresh } = await protocolOf(strategyWith(definition))
  await refresh(context, grantOf())
  expect(clock.pending).toBe(0)
  const [request] = transport.requests
  return { form: request?.form ?? {}, headers: request?.headers ?? {}, now: clock.now() / 1000 }
}

describe('an app that signs an assertion', () => {
  const keyed: Definition = { clientAuthentication: 'private_key_jwt' }

  it('names the token endpoint as its audience', async () => {
    const { form, now } = await refreshing({ privateKey, keyId: 'k1' }, keyed)
    const { payload, protectedHeader } = await jwtVerify(String(form['client_assertion']), publicKey, {
      audience: TOKEN,
      issuer: 'app-1',
      subject: 'app-1',
      currentDate: new Date(now * 1000),
    })
    expect(protectedHeader).toEqual({ alg: 'RS256', kid: 'k1' })
    expect(payload.jti).toMatch(/^[\w-]{20,}$/)
    expect(form['client_assertion_type']).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    expect(form['client_secret']).toBeUndefined()
  })

  it('names the audience of the definition', async () => {
    const { form } = await refreshing({ privateKey }, { ...keyed, token: { assertionAudience: 'https://aud.example' } })
    expect(decodeJwt(String(form['client_assertion'])).aud).toBe('https://aud.example')
  })

  it('issues it a minute early because of clock skew', async () => {
    const { form, now } = await refreshing({ privateKey }, keyed)
    const { iat = 0, nbf, exp } = decodeJwt(String(form['client_assertion']))
    expect({ nbf, exp }).toEqual({ nbf: iat, exp: iat + 120 })
    // The claims are whole seconds, shifted to the client's clock, so they may differ by one.
    expect(Math.abs(iat - (now - 60))).toBeLessThanOrEqual(1)
  })
})

describe('an app with a secret', () => {
  it('sends it in the form', async () => {
    const { form, headers } = await refreshing({ clientSecret: 's:%' }, { clientAuthentication: 'post' })
    expect(form).toMatchObject({ client_id: 'app-1', client_secret: 's:%' })
    expect(headers).not.toHaveProperty('authorization')
  })

  it('sends it form-encoded in the Authorization header, with unescaped hyphens', async () => {
    const { form, headers } = await refreshing({ clientSecret: 's-1:% ü' }, { clientAuthentication: 'basic' })
    expect(headers['authorization']).toBe(`Basic ${btoa('app-1:s-1%3A%25+%C3%BC')}`)
    expect(form).not.toHaveProperty('client_secret')
  })
})

describe('the client authentication, if the definition names none', () => {
  const wayOf = async (proof: object, methods: readonly string[] | undefined, discovered: boolean) => {
    const server = { metadata: { ...metadata, token_endpoint_auth_methods_supported: methods }, discovered }
    const authenticate = await clientAuthentication(proof, undefined, server as never, TOKEN)
    const body = new URLSearchParams()
    const headers = new Headers()
    await authenticate(metadata, { client_id: 'app-1' }, body, headers)
    const names = [...body.keys(), ...headers.keys()]
    return names.find((name) => ['client_secret', 'authorization', 'client_assertion'].includes(name)) ?? 'none'
  }
  const secret = { clientSecret: 's' }

  it.each([
    ['a key', { privateKey, ...secret }, undefined, true, 'client_assertion'],
    ['nothing', {}, ['client_secret_basic'], true, 'none'],
    ['a secret, where no metadata was read', secret, undefined, false, 'client_secret'],
    ['a secret, where the metadata says nothing', secret, undefined, true, 'authorization'],
    ['a secret, where the server takes only Basic', secret, ['client_secret_basic'], true, 'authorization'],
    [
      'a secret, where the server takes both',
      secret,
      ['client_secret_basic', 'client_secret_post'],
      true,
      'client_secret',
    ],
    ['a secret, where the server takes neither', secret, ['private_key_jwt'], true, 'client_secret'],
  ])('follows from %s', async (_what, proof, methods, discovered, expected) => {
    expect(await wayOf(proof, methods, discovered)).toBe(expected)
  })

  it.each([
    ['post', 'clientSecret'],
    ['basic', 'clientSecret'],
    ['private_key_jwt', 'privateKey'],
  ] as const)('%s is refused without %s', async (method, name) => {
    const server = { metadata, discovered: true }
    expect(await errorOf(clientAuthentication({}, method, server, TOKEN))).toMatchObject({
      code: 'CONFIGURATION_ERROR',
      message: `The OAuth app has no ${name}, and this server requires it.`,
      details: { hint: `Pass ${name} to the connector at composition.`, outcome: 'not_processed' },
    })
  })
})
