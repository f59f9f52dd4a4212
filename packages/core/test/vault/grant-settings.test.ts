import { createMcpClient } from '@mcpclient/core'
import { defineConnector, get, oauth2, tool, valueAt } from '@mcpclient/core/define'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import * as z from 'zod'

const MINUTE = 60_000
const redirectUri = 'https://host.example/callback'

/** A service whose token responses name the host of the account, as Salesforce's do. */
const crm = defineConnector({
  id: 'crm',
  name: 'Crm',
  settings: z.object({ host: z.string().regex(/^[a-z]+\.crm\.example$/), page: z.number().default(1) }),
  baseUrl: ({ settings: { host } }) => `https://${host}/`,
  auth: oauth2({
    authorizationUrl: 'https://login.crm.example/authorize',
    tokenUrl: 'https://login.crm.example/token',
    token: { read: (body) => ({ members: body, settings: { host: valueAt(body, 'host') } }) },
    refresh: { rotation: 'keep' },
  }),
  check: { request: get('me') },
  tools: {
    read_note: tool({
      description: 'Read a note of the account.',
      effect: 'read',
      input: z.object({}),
      output: z.object({}),
      request: () => get('note'),
    }),
  },
})

const token = (host: string): ScriptedReply => ({
  json: { access_token: `at-${host}`, refresh_token: 'r1', token_type: 'bearer', host },
})
const accepted = { json: {} }
const refused = { status: 401, json: {} }

function start(script: readonly ScriptedReply[]) {
  const transport = scriptedTransport(script)
  const clock = createFakeClock()
  const connectors = { crm: crm({ clientId: 'app', clientSecret: 'secret' }) }
  const mcp = createMcpClient({ connectors, vault: vault({ redirectUri }), transport, clock })
  const ada = mcp.as('ada').crm
  const connect = async (settings?: { readonly host: string }) => {
    const started = await ada.connect(undefined, { settings })
    const state = started.status === 'authorize' ? new URL(started.url).searchParams.get('state') : ''
    return mcp.completeAuthorization(`${redirectUri}?code=c1&state=${state}`, 'ada')
  }
  const call = () => ada.call('read_note', {})
  const hosts = () => transport.requests.map(({ url }) => new URL(url).host.split('.')[0])
  return { connect, call, clock, hosts }
}

it('sends calls to the host that a refreshed grant names', async () => {
  const [first, second] = [token('heron.crm.example'), token('egret.crm.example')]
  const { connect, call, clock, hosts } = start([first, accepted, refused, second, accepted, accepted])
  await connect()
  await clock.advance(MINUTE)
  await call()
  await call()
  expect(hosts()).toEqual(['login', 'heron', 'heron', 'login', 'heron', 'egret'])
})

it('keeps the host of a grant if the refresh names none', async () => {
  const silent = { json: { access_token: 'at-2', token_type: 'bearer' } }
  const script = [token('heron.crm.example'), accepted, refused, silent, accepted, accepted]
  const { connect, call, clock, hosts } = start(script)
  await connect()
  await clock.advance(MINUTE)
  await call()
  await call()
  expect(hosts()).toEqual(['login', 'heron', 'heron', 'login', 'heron', 'heron'])
})

it('sends calls to the host of the account that was connected last', async () => {
  const script = [token('heron.crm.example'), accepted, token('egret.crm.example'), accepted, accepted]
  const { connect, call, hosts } = start(script)
  await connect()
  await connect()
  await call()
  expect(hosts()).toEqual(['login', 'heron', 'login', 'egret', 'egret'])
})

it('prefers a setting that was passed with connect()', async () => {
  const { connect, call, hosts } = start([token('heron.crm.example'), accepted, accepted])
  await connect({ host: 'tern.crm.example' })
  await call()
  expect(hosts()).toEqual(['login', 'tern', 'tern'])
})

it('sends nothing to a host that the settings reject', async () => {
  const { connect, call, hosts } = start([token('evil.example')])
  await connect()
  await expect(call()).rejects.toMatchObject({ code: 'CONFIGURATION_ERROR' })
  expect(hosts()).toEqual(['login'])
})
