import { errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { createMcpClient } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { apiKey, basic, customAuth, defineConnector, get, tool } from '@mcpclient/core/define'
import type { AuthStrategy } from '@mcpclient/core/define'

const withAccount = <Auth extends AuthStrategy>(auth: Auth) =>
  defineConnector({
    id: 'phone',
    name: 'Phone',
    baseUrl: 'https://phone.example/',
    auth,
    settings: z.object({ account: z.string().regex(/^AC\d$/, 'It looks like AC1.'), region: z.string().default('us') }),
    tools: {
      list_calls: tool({
        description: 'List calls.',
        effect: 'read',
        input: z.object({}),
        output: z.object({}),
        request: (_input, { settings }: { readonly settings: { account: string; region: string } }) =>
          get(`${settings.region}/${settings.account}`),
      }),
    },
  })

const phone = withAccount(
  basic({
    username: { name: 'accountId', label: 'Account id' },
    password: { name: 'authToken', label: 'Auth token' },
    settings: { account: ({ accountId }) => (accountId.startsWith('AC') ? accountId : undefined) },
  }),
)
const credential = { accountId: 'AC1', authToken: 'secret' }

function running(connector = phone()) {
  const transport = scriptedTransport(() => ({ json: {} }))
  const mcp = createMcpClient({ connectors: { phone: connector }, transport, vault: vault() })
  return { ada: mcp.as('ada').phone, paths: () => transport.requests.map(({ path }) => path) }
}

describe('settings that follow from a credential', () => {
  it('are those of a credential passed at composition', async () => {
    const { ada, paths } = running(phone(credential))
    await ada.call('list_calls', {})
    expect(paths()).toEqual(['/us/AC1'])
  })

  it('are those of the credential of each connection', async () => {
    const { ada, paths } = running()
    await ada.connect(credential)
    await ada.at('second').connect({ ...credential, accountId: 'AC2' })
    await ada.call('list_calls', {})
    await ada.at('second').call('list_calls', {})
    expect(paths()).toEqual(['/us/AC1', '/us/AC2'])
  })

  it('are overridden by settings that the host passes, at composition or to connect()', async () => {
    const composed = running(phone({ account: 'AC7', ...credential }))
    await composed.ada.call('list_calls', {})
    const ofTenants = running(phone({ account: 'AC7' }))
    await ofTenants.ada.connect(credential)
    await ofTenants.ada.call('list_calls', {})
    const connected = running()
    await connected.ada.connect(credential, { settings: { account: 'AC8', region: 'ie' } })
    await connected.ada.call('list_calls', {})
    expect([composed.paths(), ofTenants.paths(), connected.paths()]).toEqual([['/us/AC7'], ['/us/AC7'], ['/ie/AC8']])
  })

  it('are validated like those that are passed', async () => {
    expect(() => phone({ ...credential, accountId: 'AC-x' })).toThrow('account: It looks like AC1.')
    const error = await errorOf(running().ada.connect({ ...credential, accountId: 'AC-x' }))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', details: { issues: [{ path: 'account' }] } })
  })

  it('have to be passed if the credential does not contain them', async () => {
    const key = { ...credential, accountId: 'SK1' }
    expect(() => phone(key)).toThrow('account')
    const { ada, paths } = running()
    expect(await errorOf(ada.connect(key))).toMatchObject({ details: { issues: [{ path: 'account' }] } })
    await ada.connect(key, { settings: { account: 'AC3' } })
    await ada.call('list_calls', {})
    expect(paths()).toEqual(['/us/AC3'])
  })

  it('are not asked for before a credential that lacks a field', async () => {
    const incomplete: object = { accountId: 'AC1' }
    const error = await errorOf(running().ada.connect(incomplete as never))
    expect(error.message).toBe('To connect phone, pass authToken (Auth token).')
  })

  it('are optional in a form', async () => {
    expect(await phone().describeSettings?.()).toMatchObject([
      { name: 'account', required: false },
      { name: 'region', required: false },
    ])
  })

  it.each([
    ['a key', apiKey({ header: 'x-key', settings: { account: (of) => of.apiKey.split('-').at(-1) } })],
    [
      'fields of your own',
      customAuth({
        kind: 'acme',
        fields: { apiKey: { label: 'Key', secret: true } },
        settings: { account: (of) => of.apiKey.split('-').at(-1) },
        sign: () => ({}),
      }),
    ],
  ])('can be read from %s', async (_name, auth) => {
    const { ada, paths } = running(withAccount(auth)({ apiKey: 'k-AC5' }) as never)
    await ada.call('list_calls', {})
    expect(paths()).toEqual(['/us/AC5'])
  })

  it('have to be declared', () => {
    const auth = apiKey({ header: 'x-key', settings: { shop: (of) => of.apiKey } })
    expect(() => withAccount(auth)).toThrow('auth returns the setting "shop", which is not declared.')
  })
})

describe('basic', () => {
  it('names its fields as the provider does', async () => {
    const { fields, sign } = phone.profile.auth
    expect(fields).toEqual({
      accountId: { label: 'Account id', secret: false },
      authToken: { label: 'Auth token', secret: true, verbatim: true },
    })
    const request = { method: 'GET', url: 'https://phone.example/', headers: {} } as const
    expect(await sign(request, credential)).toEqual({ headers: { authorization: `Basic ${btoa('AC1:secret')}` } })
  })
})
