import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { Capability, ClientContext } from '@mcpclient/core'
import { bearer, defineConnector, get, webhook, withSigningSecret } from '@mcpclient/core/define'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'

const service = {
  name: 'Phone',
  baseUrl: 'https://phone.example/',
  check: { request: get('me'), account: { id: 'id' } },
  tools: {},
} as const
const hookWith = (connectionSecret: string) =>
  webhook({
    verify: { verify: () => Promise.resolve({ verified: true }) },
    connectionSecret,
    read: () => ({ ignore: 'nothing' }),
  })
/** The credential itself verifies. */
const phone = defineConnector({ ...service, id: 'phone', auth: bearer(), webhook: hookWith('token') })
/** A secret beside the credential verifies. */
const post = defineConnector({
  ...service,
  id: 'post',
  auth: withSigningSecret(bearer(), { label: 'Key' }),
  webhook: hookWith('signingSecret'),
})

function setUp(hasVault = true) {
  const clock = createFakeClock()
  let context: ClientContext | undefined
  const capability: Capability = { name: 'reader', bind: (client) => void (context = client) }
  const refused = new Set<string>()
  const mcp = createMcpClient({
    connectors: { phone: phone(), post: post() },
    ...(hasVault && { vault: vault({ store: memoryStore({ clock }) }) }),
    capabilities: [capability],
    retry: { attempts: 1 },
    clock,
    transport: scriptedTransport(({ headers }) => {
      const token = headers['authorization']?.replace('Bearer ', '') ?? ''
      if (token.startsWith('unreachable')) return { status: 503, json: {} }
      return refused.has(token) ? { status: 401, json: {} } : { json: { id: 'A1' } }
    }),
  })
  const secretsOf = (serverId = 'phone', name = 'default') => context?.signingSecretsOf(serverId, 'ada', name)
  return { ada: mcp.as('ada'), clock, refused, secretsOf }
}

describe('the signing secrets of a connection', () => {
  it('are undefined unless the connection is in use', async () => {
    const { ada, secretsOf } = setUp()
    expect(await secretsOf()).toBeUndefined()
    await ada.phone.at('work').connect({ token: 't1' })
    expect(await secretsOf()).toBeUndefined()
    expect(await secretsOf('phone', 'work')).toEqual(['t1'])
    await ada.phone.at('work').disconnect()
    expect(await secretsOf('phone', 'work')).toBeUndefined()
  })

  it('are empty if the credential has none', async () => {
    const { ada, secretsOf } = setUp()
    await ada.post.connect({ token: 't1' })
    expect(await secretsOf('post')).toEqual([])
    await ada.post.connect({ token: 't1', signingSecret: 's1' })
    expect(await secretsOf('post')).toEqual(['s1'])
  })

  it('are those of every credential that is tried, each once', async () => {
    const { ada, secretsOf, clock } = setUp()
    await ada.phone.connect({ token: 't1' })
    await ada.phone.setBackup({ token: 'backup' })
    await ada.phone.rotate({ token: 't2' }, { keepOldForMs: 1000 })
    expect(await secretsOf()).toEqual(['t2', 't1', 'backup'])
    await ada.phone.rotate({ token: 'unreachable' })
    expect(await secretsOf()).toEqual(['unreachable', 't2', 't1', 'backup'])
    await clock.advance(1000)
    expect(await secretsOf()).toEqual(['unreachable', 't2', 'backup'])
    await ada.post.connect({ token: 't1', signingSecret: 's1' })
    await ada.post.rotate({ token: 't2', signingSecret: 's1' }, { keepOldForMs: 1000 })
    expect(await secretsOf('post')).toEqual(['s1'])
  })

  it('leave out a key that the provider refuses while the backup works, but no secret beside a key', async () => {
    const { ada, refused, secretsOf } = setUp()
    await ada.phone.connect({ token: 't1' })
    await ada.phone.setBackup({ token: 'backup' })
    await ada.post.connect({ token: 't1', signingSecret: 's1' })
    await ada.post.setBackup({ token: 'backup' })
    refused.add('t1')
    for (const client of [ada.phone, ada.post]) await client.health()
    expect((await ada.phone.status()).reason).toBe('backup_in_use')
    expect(await secretsOf()).toEqual(['backup'])
    expect(await secretsOf('post')).toEqual(['s1'])
  })

  it('are those of a staged credential alone if a user has to connect again', async () => {
    const { ada, clock, refused, secretsOf } = setUp()
    await ada.phone.connect({ token: 't1' })
    refused.add('t1')
    for (let n = 0; n < 3; n++) {
      await ada.phone.health()
      await clock.advance(60_000)
    }
    expect((await ada.phone.status()).state).toBe('needs_reauth')
    expect(await secretsOf()).toEqual([])
    await ada.phone.rotate({ token: 'unreachable' })
    expect(await secretsOf()).toEqual(['unreachable'])
  })

  it('need a vault, and a connector of the client', async () => {
    const { secretsOf } = setUp(false)
    expect((await errorOf(secretsOf() ?? Promise.resolve())).code).toBe('CONFIGURATION_ERROR')
    const { secretsOf: withVault } = setUp()
    expect((await errorOf(withVault('other') ?? Promise.resolve())).code).toBe('ROUTING_ERROR')
  })

  it('have no part in the fingerprint of the credential', async () => {
    const { ada } = setUp()
    await ada.post.connect({ token: 'a-token-of-32-characters-12345678' })
    const { fingerprint } = await ada.post.status()
    expect(fingerprint).toBeDefined()
    await ada.post.connect({
      token: 'a-token-of-32-characters-12345678',
      signingSecret: 'a-secret-of-32-characters-123456',
    })
    expect((await ada.post.status()).fingerprint).toBe(fingerprint)
  })
})
