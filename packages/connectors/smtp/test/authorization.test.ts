import { protocolOf, scriptedFlow } from '@mcpclient/testkit'
import { expect, it } from 'vitest'
import { smtpMailer } from '../src/node.ts'
import { xoauth2Definition } from '../src/smtp.ts'

const { auth } = xoauth2Definition(smtpMailer(), []).profile
const ASK = { redirectUri: 'https://host.example/callback', state: 'state-1', scopes: ['https://mail.google.com/'] }

it('requests a token with which Google refreshes', async () => {
  const { context } = scriptedFlow([], { app: { clientId: 'app-1' } })
  const { authorize } = await protocolOf(auth)
  const { searchParams, host } = new URL((await authorize(context, ASK)).url)
  expect(host).toBe('accounts.google.com')
  expect(Object.fromEntries(searchParams)).toMatchObject({ access_type: 'offline', scope: 'https://mail.google.com/' })
  expect(auth.flow?.scopes).toEqual(['https://mail.google.com/'])
})

it('requests the token of another provider at its endpoints', async () => {
  const endpoints = {
    authorizationUrl: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
    tokenUrl: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
  }
  const { context } = scriptedFlow([], { app: { clientId: 'app-1', endpoints } })
  const { authorize } = await protocolOf(auth)
  expect((await authorize(context, ASK)).url).toContain(endpoints.authorizationUrl)
})
