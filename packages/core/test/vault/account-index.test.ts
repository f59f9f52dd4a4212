import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { Capability, ClientContext, Connection } from '@mcpclient/core'
import { bearer, defineConnector, get, webhook } from '@mcpclient/core/define'
import { vault } from '@mcpclient/core/vault'
import { scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'

const chatWith = (hook: object) =>
  defineConnector({
    id: 'chat',
    name: 'Chat',
    baseUrl: 'https://chat.example/',
    auth: bearer(),
    check: { request: get('me'), account: { id: 'id' } },
    tools: {},
    ...hook,
  })
const hook = webhook({
  verify: { verify: () => Promise.resolve({ verified: true }) },
  read: () => ({ ignore: 'nothing' }),
})

/** Creates a client whose provider says that each token belongs to the account of the same name. */
function setUp(definition = chatWith({ webhook: hook })) {
  const store = memoryStore()
  let context: ClientContext | undefined
  const capability: Capability = {
    name: 'finder',
    bind: (client) => {
      context = client
    },
  }
  const mcp = createMcpClient({
    connectors: { chat: definition() },
    vault: vault({ store }),
    capabilities: [capability],
    transport: scriptedTransport(({ headers }) => ({ json: { id: headers['authorization']?.replace('Bearer ', '') } })),
  })
  const find = async (accountId: string): Promise<readonly string[]> => {
    const found: Connection[] = []
    for await (const connection of context?.connectionsOf('chat', accountId) ?? []) found.push(connection)
    return found.map(({ tenant, name }) => `${tenant}/${name}`)
  }
  return { mcp, store, find }
}

const keysOf = async (store: ReturnType<typeof memoryStore>, prefix: string) =>
  (await store.list(prefix)).entries.map(({ key }) => key)

describe('the connections of a provider account', () => {
  it('are found for every tenant that connected it', async () => {
    const { mcp, find } = setUp()
    await mcp.as('ada').chat.connect({ token: 'U1' })
    await mcp.as('bob').chat.at('work').connect({ token: 'U1' })
    await mcp.as('eve').chat.connect({ token: 'U2' })
    expect(await find('U1')).toEqual(['ada/default', 'bob/work'])
    expect(await find('U3')).toEqual([])
  })

  it('are not found after the account was disconnected, and leave no row', async () => {
    const { mcp, store, find } = setUp()
    await mcp.as('ada').chat.connect({ token: 'U1' })
    await mcp.as('ada').chat.disconnect()
    expect(await keysOf(store, 'account/')).toEqual([])
    expect(await find('U1')).toEqual([])
  })

  it('are found under the new account after another one was connected', async () => {
    const { mcp, store, find } = setUp()
    await mcp.as('ada').chat.connect({ token: 'U1' })
    await mcp.as('ada').chat.connect({ token: 'U2' })
    expect([await find('U1'), await find('U2')]).toEqual([[], ['ada/default']])
    expect(await keysOf(store, 'account/')).toHaveLength(1)
  })

  it('are indexed by a digest, because the id of an account may be an e-mail address', async () => {
    const { mcp, store, find } = setUp()
    await mcp.as('ada').chat.connect({ token: 'ada@example.com' })
    expect((await keysOf(store, '')).join()).not.toContain('example.com')
    expect(await find('ada@example.com')).toEqual(['ada/default'])
  })

  it('are not indexed for a connector without a webhook', async () => {
    const { mcp, store } = setUp(chatWith({}))
    await mcp.as('ada').chat.connect({ token: 'U1' })
    expect(await keysOf(store, 'account/')).toEqual([])
  })
})
