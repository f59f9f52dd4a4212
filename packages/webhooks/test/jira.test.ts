import { createHmac } from 'node:crypto'
import { activeSecrets, verifyRequest } from '@mcpclient/webhooks'
import { jira } from '@mcpclient/webhooks/schemes'
import { describe, expect, it } from 'vitest'

const SECRET = 'ATOAclient-secret-1'
const NOW_S = 1_796_000_000
const body = '{"webhookEvent":"jira:issue_created"}'
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function tokenOf(claims: object, { secret = SECRET, header = { alg: 'HS256' }, hash = 'sha256' } = {}) {
  const signed = `${encoded(header)}.${encoded(claims)}`
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`
}

async function verdictOf(headers: Readonly<Record<string, string>>, secrets: readonly string[] = [SECRET]) {
  const address = 'https://app.example/hooks/jira'
  const request = new Request(address, { method: 'POST', body, headers })
  const scheme = jira()
  const result = await verifyRequest(request, {
    scheme,
    secrets: activeSecrets(secrets, scheme),
    address,
    now: () => NOW_S * 1000,
  })
  return result.verified ? 'verified' : result.reason
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const VALID = { iat: NOW_S - 30, exp: NOW_S + 180 }

describe('the token of a webhook that an app registered', () => {
  it('verifies with the client secret, and with the previous one while it is replaced', async () => {
    expect(await verdictOf(bearer(tokenOf(VALID)))).toBe('verified')
    expect(await verdictOf(bearer(tokenOf(VALID)), ['the-next-secret', SECRET])).toBe('verified')
  })

  it.each([
    ['signed with another secret', tokenOf(VALID, { secret: 'guess' }), 'token_mismatch'],
    ['without a signature', `${encoded({ alg: 'none' })}.${encoded(VALID)}.AA`, 'token_mismatch'],
    ['with another algorithm', tokenOf(VALID, { header: { alg: 'HS512' }, hash: 'sha512' }), 'token_mismatch'],
    ['that has expired', tokenOf({ iat: NOW_S - 600, exp: NOW_S - 61 }), 'token_expired'],
    ['that never expires', tokenOf({ iat: NOW_S }), 'token_mismatch'],
    ['that is not valid yet', tokenOf({ ...VALID, nbf: NOW_S + 61 }), 'token_mismatch'],
    ['whose end is no number', tokenOf({ exp: 'never' }), 'token_mismatch'],
    ['that is no token', 'a.b', 'token_malformed'],
    ['that is too long', `a.${'b'.repeat(9000)}.c`, 'token_malformed'],
  ])('is refused if it is one %s', async (_what, token, reason) => {
    expect(await verdictOf(bearer(token))).toBe(reason)
  })

  it('is refused with another scheme of authorization', async () => {
    expect(await verdictOf({ authorization: `Basic ${btoa(`a:${SECRET}`)}` })).toBe('token_malformed')
  })
})

it('verifies the signature if there is one, whatever the token', async () => {
  const signature = `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`
  expect(await verdictOf({ 'x-hub-signature': signature })).toBe('verified')
  const forged = { 'x-hub-signature': `sha256=${'0'.repeat(64)}`, ...bearer(tokenOf(VALID)) }
  expect(await verdictOf(forged)).toBe('signature_mismatch')
})

it('refuses a delivery that proves nothing', async () => {
  expect(await verdictOf({})).toBe('signature_missing')
})
