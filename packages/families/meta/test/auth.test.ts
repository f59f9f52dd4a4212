import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { systemUserToken } from '../src/index.ts'

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
