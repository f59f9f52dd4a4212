import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { facebookLogin, systemUserToken } from '../src/index.ts'

const at = (url: string) => ({ method: 'GET', url, headers: {} })
const token = 'EAAJ.1'
const appSecret = 'app_secret_1'

describe('the token of a system user', () => {
  it('is sent alone without an app secret', async () => {
    expect(await systemUserToken().sign(at('https://graph.facebook.com/v25.0/me'), { token })).toEqual({
      headers: { authorization: 'Bearer EAAJ.1' },
    })
  })

  it('is sent with its proof, which does not contain the secret', async () => {
    const proof = createHmac('sha256', appSecret).update(token).digest('hex')
    expect(await systemUserToken().sign(at('https://graph.facebook.com/v25.0/me'), { token, appSecret })).toEqual({
      headers: { authorization: 'Bearer EAAJ.1' },
      query: { appsecret_proof: proof },
    })
  })

  it('is sent alone for a file, whose URL is signed', async () => {
    expect(await systemUserToken().sign(at('https://lookaside.fbsbx.com/x?hash=A'), { token, appSecret })).toEqual({
      headers: { authorization: 'Bearer EAAJ.1' },
    })
  })
})

describe('sign-in with Facebook', () => {
  const { flow } = facebookLogin()

  it('exchanges access tokens, because there are no refresh tokens', () => {
    expect(flow).toMatchObject({ renewal: 'access_token', revocationEnds: 'account', interactive: true })
  })

  it('revokes nothing for a page, whose token cannot do that', async () => {
    const discover = { url: 'https://graph.facebook.com/me/accounts', choose: () => [] }
    expect(await facebookLogin({ discover }).flow?.load()).not.toHaveProperty('revoke')
    expect(await flow?.load()).toHaveProperty('revoke')
  })
})
