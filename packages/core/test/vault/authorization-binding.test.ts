import { createFakeClock } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { ConnectorError, createMcpClient, memoryStore } from '@mcpclient/core'
import type { ConnectResult, Principal } from '@mcpclient/core'
import { memoryAuditLog, vault } from '@mcpclient/core/vault'
import type { CredentialAccess } from '@mcpclient/core/vault'
import { app, callbackOf, madeUpProvider, redirectUri } from './made-up-provider.ts'

const ada: Principal = { tenant: 'acme', user: 'ada' }
const bob: Principal = { tenant: 'acme', user: 'bob' }

function setUp(options: Parameters<typeof madeUpProvider>[0] = {}) {
  const provider = madeUpProvider(options)
  const clock = createFakeClock()
  const store = memoryStore({ clock })
  const audit = memoryAuditLog()
  const connectors = { notes: provider.connector('notes')(app), tasks: provider.connector('tasks')(app) }
  const compose = (composed: object = connectors, credentialAccess?: CredentialAccess) =>
    createMcpClient({
      connectors: composed as typeof connectors,
      vault: vault({ store, redirectUri, audit, access: credentialAccess }),
      transport: provider.transport(),
      clock,
    })
  const mcp = compose()
  const begin = async (who: string | Principal) => callbackOf(urlOf(await mcp.as(who).notes.connect()))
  const complete = (callback: string, who: string | Principal, client = mcp) =>
    client.completeAuthorization(callback, who).then(({ status }) => status, reasonOf)
  return { ...provider, connectors, audit, compose, mcp, begin, complete }
}

const urlOf = (result: ConnectResult): string => (result.status === 'authorize' ? result.url : '')
const reasonOf = (error: unknown) => (ConnectorError.is(error) ? (error.details.reason ?? error.code) : error)

describe('a callback', () => {
  it.each([
    ['another user of the tenant', bob, 'state_of_another_user'],
    ['the same user with another case', { tenant: 'acme', user: 'Ada' }, 'state_of_another_user'],
    ['the tenant without a user', 'acme', 'state_of_another_user'],
    ['an agent without a user', { tenant: 'acme', agent: 'bot' }, 'state_of_another_user'],
    ['another tenant with a user of that name', { tenant: 'evil', user: 'ada' }, 'state_of_another_tenant'],
  ])('is refused from %s, and stays valid for the user who started it', async (_name, who, reason) => {
    const { mcp, begin, complete } = setUp()
    const callback = await begin(ada)
    expect(await complete(callback, who)).toBe(reason)
    expect(await complete(callback, who)).toBe(reason)
    expect(await mcp.as(ada).notes.isConnected()).toBe(false)
    expect(await complete(callback, ada)).toBe('connected')
    expect(await complete(callback, ada)).toBe('state_replayed')
  })

  it('is accepted from the user who started it through another agent', async () => {
    const { begin, complete } = setUp()
    expect(await complete(await begin({ ...ada, agent: 'bot' }), ada)).toBe('connected')
  })

  it.each([['acme'], [ada], [bob]])(
    'is accepted from any user of the tenant if no user started it: %j',
    async (who) => {
      const { begin, complete } = setUp()
      expect(await complete(await begin('acme'), who)).toBe('connected')
    },
  )

  it('connects the connection that it was started for', async () => {
    const { mcp, complete } = setUp()
    const callback = callbackOf(urlOf(await mcp.as(ada).notes.at('work').connect()))
    expect(await complete(callback, ada)).toBe('connected')
    expect(await mcp.as(ada).notes.at('work').isConnected()).toBe(true)
    expect(await mcp.as(ada).notes.isConnected()).toBe(false)
  })
})

describe('a URL that adds a scope', () => {
  const refusedUrl = async (promise: Promise<unknown>): Promise<string> => {
    const error: unknown = await promise.catch((reason: unknown) => reason)
    return (ConnectorError.is(error) && error.details.authorizeUrl) || ''
  }

  it('belongs to the user whose call was refused', async () => {
    const { mcp, begin, complete } = setUp()
    await complete(await begin(ada), ada)
    const ofAda = await refusedUrl(mcp.as(ada).notes.call('share_note', {}))
    const ofBob = await refusedUrl(mcp.as(bob).notes.call('share_note', {}))
    expect(ofBob).not.toBe(ofAda)
    expect(await complete(callbackOf(ofAda), bob)).toBe('state_of_another_user')
    expect(await complete(callbackOf(ofBob), bob)).toBe('connected')
  })
})

describe('the choice of a site', () => {
  it('belongs to the user who connected the account', async () => {
    const { mcp, begin, complete, protocol } = setUp()
    const { redeem } = protocol
    protocol.redeem = async (...args) => {
      if (redeem === undefined) throw new TypeError('nothing to redeem with')
      return { ...(await redeem(...args)), choices: [{ id: 'site-1', name: 'One', settings: {} }] }
    }
    expect(await complete(await begin(ada), ada)).toBe('choose')
    const choose = (who: string | Principal) =>
      mcp
        .as(who)
        .notes.choose('site-1')
        .then(({ status }) => status, reasonOf)
    expect(await choose(bob)).toBe('state_of_another_user')
    expect(await choose('acme')).toBe('state_of_another_user')
    expect(await choose(ada)).toBe('connected')
  })
})

describe('a rejection caused by the host', () => {
  it('does not consume a callback for a connector that is not composed', async () => {
    const { begin, complete, compose, connectors } = setUp()
    const callback = await begin(ada)
    expect(await complete(callback, ada, compose({ tasks: connectors.tasks }))).toBe('ROUTING_ERROR')
    expect(await complete(callback, ada)).toBe('connected')
  })

  it('does not consume a callback that credentialAccess refuses, and records the refusal once', async () => {
    const { begin, complete, compose, connectors, audit } = setUp()
    const callback = await begin(ada)
    const denying = compose(connectors, ({ operation }) => operation !== 'connect')
    const before = audit.entries.length
    expect(await complete(callback, ada, denying)).toBe('PERMISSION_DENIED')
    expect(audit.entries.slice(before).map(({ operation }) => operation)).toEqual(['access_denied'])
    expect(await complete(callback, ada)).toBe('connected')
  })

  it('does not consume a callback without a principal', async () => {
    const { begin, complete } = setUp()
    const callback = await begin(ada)
    expect(await complete(callback, undefined as unknown as string)).toBe('INVALID_INPUT')
    expect(await complete(callback, ada)).toBe('connected')
  })
})
