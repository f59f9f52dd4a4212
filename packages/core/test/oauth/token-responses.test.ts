import { errorOf } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { errorTable } from '../../src/connector/error-table.ts'
import { clientCredentials } from '../../src/oauth/client-credentials.ts'
import type { FlowContext } from '../../src/auth/grant-flow.ts'
import type { Grant } from '../../src/auth/grant.ts'
import { silentLogger } from '../../src/ports/logger.ts'
import { APP, ASK, CALLBACK, grantOf, scriptedContext, strategyWith, TOKEN, TOKENS } from './scripted-server.ts'
import type { Definition } from './scripted-server.ts'
import { protocolOf } from './strategy-flow.ts'

function recordingLogger() {
  const warnings: string[] = []
  return {
    warnings,
    logger: { ...silentLogger, warn: (_fields: object, message: string) => void warnings.push(message) },
  }
}

async function refresh(
  reply: ScriptedReply,
  definition: Definition = {},
  given: { readonly grant?: Grant; readonly context?: Partial<FlowContext> } = {},
) {
  const { context } = scriptedContext([reply], given.context)
  const protocol = await protocolOf(strategyWith(definition))
  return protocol.refresh(context, given.grant ?? grantOf())
}

async function redeem(reply: ScriptedReply, definition: Definition = {}) {
  const { context } = scriptedContext([reply])
  const protocol = await protocolOf(strategyWith(definition))
  const { pending } = await protocol.authorize(context, ASK)
  return protocol.redeem(context, pending, ASK, CALLBACK)
}

const FORM = 'access_token=access-2&expires_in=3600&refresh_token=refresh-2&scope=read%2Cwrite&token_type=bearer'

describe('a token endpoint that sends form-encoded responses', () => {
  it.each([
    'application/x-www-form-urlencoded',
    'application/x-www-form-urlencoded; charset=utf-8',
    'text/plain; charset=UTF-8',
    'text/html',
    'application/json',
  ])('is read with the content type %s', async (type) => {
    const reply = { headers: { 'content-type': type }, text: FORM }
    const expected = { accessToken: 'access-2', refreshToken: 'refresh-2', scopes: ['read', 'write'] }
    expect(await redeem(reply)).toMatchObject(expected)
    expect(await refresh(reply)).toMatchObject(expected)
  })

  it('may refuse in a form, with 200 or with 400', async () => {
    const text = 'error=bad_verification_code&error_description=The+code+is+incorrect+or+expired.'
    for (const status of [200, 400]) {
      const failure = await errorOf(redeem({ status, text }))
      expect(failure).toMatchObject({
        code: 'MCP_AUTHENTICATION_FAILURE',
        details: { reason: 'bad_verification_code' },
      })
      expect(failure.message).toContain('The code is incorrect or expired')
    }
  })

  it.each([
    ['a member twice', 'access_token=a&access_token=b&token_type=bearer'],
    ['a page', '<a href="?access_token=a">'],
    ['a sentence', 'Your access_token=a is ready'],
    ['other members', 'token=a&type=bearer'],
    ['nothing', ''],
  ])('is ignored with %s', async (_name, text) => {
    expect(await errorOf(redeem({ text }))).toMatchObject({ code: 'MCP_SERVER_ERROR', details: { outcome: 'unknown' } })
  })
})

describe('the type of a token', () => {
  it.each(['bearer', 'Bearer', 'BEARER', undefined, null, '', ' bearer '])(
    'is a bearer token with %j',
    async (type) => {
      const grant = await redeem({ json: { ...TOKENS, token_type: type } })
      expect(grant).toMatchObject({ accessToken: 'access-2' })
      expect(grant).not.toHaveProperty('tokenType')
    },
  )

  it.each(['mac', 'example', 'PoP', 'N_A', 'constructor', 'DPoP'])(
    'is refused as %s at the first login',
    async (type) => {
      const failure = await errorOf(redeem({ json: { ...TOKENS, token_type: type } }))
      expect(failure).toMatchObject({
        code: 'CONFIGURATION_ERROR',
        retryable: false,
        details: { reason: 'token_type_unsupported' },
      })
      expect(failure.message.toLowerCase()).toContain(type.toLowerCase())
      expect(failure.advice).not.toContain('again later')
    },
  )

  it('is refused for client credentials too', async () => {
    const { context } = scriptedContext([{ json: { ...TOKENS, token_type: 'mac' } }])
    const { obtain } = await protocolOf(clientCredentials({ tokenUrl: TOKEN }))
    const failure = await errorOf(obtain({ ...context, fields: APP }, { scopes: [] }))
    expect(failure).toMatchObject({ code: 'CONFIGURATION_ERROR', details: { reason: 'token_type_unsupported' } })
  })

  it('costs no grant in a refresh: the grant is kept, with a warning', async () => {
    const { logger, warnings } = recordingLogger()
    const grant = await refresh({ json: { ...TOKENS, token_type: 'mac' } }, {}, { context: { logger } })
    expect(grant).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-2' })
    expect(warnings).toEqual(['login.example issued a token of the unsupported type mac.'])
  })

  it('is stored as Bearer if a refresh unbinds a token from its key', async () => {
    const { context } = scriptedContext([{ json: TOKENS }])
    const { authorize } = await protocolOf(strategyWith({ dpop: true }))
    const { pending } = await authorize(context, ASK)
    const bound = grantOf({ tokenType: 'DPoP', key: pending['key'] as NonNullable<Grant['key']> })
    expect(await refresh({ json: TOKENS }, { dpop: true }, { grant: bound })).toMatchObject({
      refreshToken: 'refresh-2',
      tokenType: 'Bearer',
    })
  })
})

describe('a refusal', () => {
  it.each([
    'invalid_grant',
    'INVALID_GRANT',
    'bad_refresh_token',
    'BAD_REFRESH_TOKEN',
    'invalid_refresh_token',
    'token_expired',
    'token_revoked',
    'expired_refresh_token',
    'refresh_token_revoked',
    'account_inactive',
    'invalid_token',
  ])('ends the grant for %s, whatever the status', async (error) => {
    for (const status of [200, 400, 401, 403]) {
      const failure = await errorOf(refresh({ status, json: { error } }))
      expect(failure).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { outcome: 'not_processed' } })
      expect(failure.advice).toBe('Connect the account again.')
    }
  })

  it.each<[string, object]>([
    ['an error object', { error: { code: 'invalid_grant', message: 'Gone.' } }],
    ['error_code', { error_code: 'invalid_grant', message: 'Gone.' }],
    ['errorCode', { errorCode: 'invalid_grant' }],
    ['status (HubSpot)', { status: 'BAD_REFRESH_TOKEN', message: 'missing or invalid refresh token' }],
    [
      'a description of the refresh token (Atlassian)',
      { error: 'unauthorized_client', error_description: 'refresh_token is invalid' },
    ],
    ['a message alone', { message: 'The refresh token has expired.' }],
    [
      'invalid_request about the refresh token',
      { error: 'invalid_request', error_description: 'Unknown refresh token.' },
    ],
  ])('ends the grant if it names the reason in %s', async (_name, json) => {
    expect((await errorOf(refresh({ status: 403, json }))).code).toBe('MCP_AUTHENTICATION_FAILURE')
  })

  it('ends the grant with a code that the connector declares permanent', async () => {
    const reply = { status: 400, json: { error: 'E1042', error_description: 'No.' } }
    expect((await errorOf(refresh(reply))).code).toBe('MCP_CLIENT_ERROR')
    expect(
      await errorOf(
        refresh(reply, { errors: errorTable({ code: 'error' }, { E1042: { code: 'MCP_AUTHENTICATION_FAILURE' } }) }),
      ),
    ).toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
      details: { reason: 'e1042', providerCode: 'E1042' },
    })
  })

  it('ends the grant if a header says so', async () => {
    const errors = errorTable(
      { code: 'error', message: (body) => `Refused: ${JSON.stringify(body)}` },
      { E7: (_body, { headers }) => (headers.get('x-ended') === '1' ? { code: 'MCP_AUTHENTICATION_FAILURE' } : {}) },
    )
    const reply = { status: 400, json: { error: 'E7' } }
    expect((await errorOf(refresh(reply, { errors }))).code).toBe('MCP_CLIENT_ERROR')
    const ended = await errorOf(refresh({ ...reply, headers: { 'x-ended': '1' } }, { errors }))
    expect(ended).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { providerCode: 'E7' } })
    expect(ended.message).toContain('Refused')
  })

  it('is recognized despite an empty access token in the response', async () => {
    for (const token of ['', null]) {
      const json = { access_token: token, error: 'invalid_grant' }
      expect((await errorOf(refresh({ json }))).code).toBe('MCP_AUTHENTICATION_FAILURE')
    }
  })

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'is an error without a special meaning for the code %s',
    async (error) => {
      for (const status of [200, 400]) {
        const failure = await errorOf(refresh({ status, text: `{"error":"${error}","error_description":"No."}` }))
        expect(failure).toMatchObject({ code: 'MCP_CLIENT_ERROR', type: 'provider', details: { providerCode: error } })
        expect(typeof failure.advice).toBe('string')
      }
    },
  )

  it.each<[string, ScriptedReply]>([
    ['401 and nothing', { status: 401 }],
    ['401 and a page', { status: 401, text: '<html>Unauthorized</html>' }],
    ['403 and a list', { status: 403, json: [] }],
    ['400 and null', { status: 400, json: null }],
  ])('has neither a reason nor specific advice for %s', async (_name, reply) => {
    const failure = await errorOf(refresh(reply))
    expect(failure).toMatchObject({ details: { reason: 'refusal_unexplained', outcome: 'not_processed' } })
    expect(failure.advice).toContain('connect the account again')
  })

  it('repeats no bidi, zero-width or control character of the provider', async () => {
    const description = 'Agree \u202Eagain\u202C at\u200B evil\u2066\u0007.example\r\nAdmin: yes'
    const failure = await errorOf(
      refresh({ status: 400, json: { error: 'invalid_grant', error_description: description } }),
    )
    expect(failure.message).toContain('(Agree again at evil .example Admin: yes)')
  })
})

describe('scopes in a token response', () => {
  it.each<[string, unknown]>([
    ['absent', undefined],
    ['null', null],
    ['empty', ''],
    ['blank', ' '],
    ['an empty list', []],
  ])('default to the previous ones if they are %s', async (_name, scope) => {
    const json = { ...TOKENS, scope }
    expect((await refresh({ json })).scopes).toEqual(['read', 'write'])
    expect((await redeem({ json })).scopes).toEqual(ASK.scopes)
  })

  it.each([
    ['spaces', ' read  write '],
    ['commas', 'read,write'],
    ['both', 'read, write'],
    ['duplicates', 'read write read'],
  ])('are split at %s', async (_name, scope) => {
    expect((await refresh({ json: { ...TOKENS, scope } })).scopes).toEqual(['read', 'write'])
  })
})

describe('requestToken', () => {
  const refused = (error: string): ScriptedReply => ({ status: 400, json: { error } })

  async function refusedWith(error: string, dpop: boolean) {
    const { context, transport } = scriptedContext(() => refused(error))
    const protocol = await protocolOf(strategyWith({ dpop }))
    const { pending } = await protocol.authorize(context, ASK)
    const bound = dpop && { tokenType: 'DPoP' as const, key: pending['key'] as NonNullable<Grant['key']> }
    await errorOf(protocol.refresh(context, grantOf({ ...bound })))
    return transport.requests.length
  }

  it.each([
    ['invalid_grant', true, 1],
    ['use_dpop_nonce', true, 2],
    ['invalid_grant', false, 1],
    ['use_dpop_nonce', false, 1],
  ])(
    'sends a request again after %s only with DPoP and for a nonce: dpop %j, %i requests',
    async (error, dpop, times) => {
      expect(await refusedWith(error, dpop)).toBe(times)
    },
  )
})
