import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { Capability, ClientContext, CustomConnector, McpClientOptions } from '@mcpclient/core'
import { memoryAuditLog, vault } from '@mcpclient/core/vault'
import { demo } from '../demo-connector.ts'
import { app, callbackOf, madeUpProvider, redirectUri } from '../vault/made-up-provider.ts'

const note = { id: 'n', text: 'x' }
const fails = (): never => {
  throw new TypeError('no')
}

/** Returns a connector whose client holds a resource. */
function opening(seen: string[], close: () => Promise<void> = () => Promise.resolve()): CustomConnector {
  return {
    ...demo({ token: 't' }),
    mount(serverId) {
      seen.push(`${serverId} opened`)
      return {
        open: fails,
        close() {
          seen.push(`${serverId} closed`)
          return close()
        },
      }
    },
  }
}

function recorder(name: string, seen: string[]): Capability & { context?: ClientContext } {
  const capability: Capability & { context?: ClientContext } = {
    name,
    bind(context) {
      seen.push(`${name} bound`)
      capability.context = context
      return async () => {
        seen.push(`${name} closed`)
      }
    },
  }
  return capability
}

const failing: Capability = { name: 'failing', bind: fails }
const badStage: Capability = { name: 'bad-stage', callStages: { trace: fails }, bind() {} }
const badMount = { ...opening([]), mount: fails }

type Mistake = Partial<McpClientOptions<never>> & { readonly connectors?: McpClientOptions<never>['connectors'] }
const mistakes: readonly (readonly [string, object])[] = [
  ['an option that is refused', { retry: { attempts: 0 } } satisfies Mistake],
  ['two capabilities of one name', { capabilities: [recorder('one', []), recorder('one', [])] }],
  ['a slot that is unknown', { capabilities: [{ name: 'x', callStages: { authorize: () => undefined }, bind() {} }] }],
  ['a stage that is not a function', { capabilities: [{ name: 'x', requestStages: { trace: true }, bind() {} }] }],
  ['a capability that does not bind', { capabilities: [failing] }],
  ['a stage that cannot be built', { capabilities: [badStage] }],
  ['a connector that does not open', { connectors: { notes: demo(), other: badMount } }],
]

describe.each(mistakes)('a composition that fails because of %s', (_cause, mistake) => {
  it('leaves the vault free for the corrected composition', async () => {
    const accounts = vault()
    const transport = scriptedTransport([{ json: { id: 'u1', name: 'Ada' } }])
    const right = { connectors: { notes: demo() }, vault: accounts, transport }
    const compose = () => createMcpClient({ ...right, ...mistake })
    expect(await errorOf(compose)).toMatchObject({ code: 'CONFIGURATION_ERROR' })
    const mcp = createMcpClient(right)
    expect(await mcp.as('ada').notes.connect({ token: 't' })).toMatchObject({ status: 'connected' })
    expect(await accounts.list({ everything: true })).toMatchObject([{ tenant: 'ada', state: 'active' }])
  })

  it('reports the same mistake if it is tried again', async () => {
    const accounts = vault()
    const compose = () => createMcpClient({ connectors: { notes: demo() }, vault: accounts, ...mistake })
    const first = await errorOf(compose)
    expect((await errorOf(compose)).message).toBe(first.message)
  })
})

describe('a composition that fails', () => {
  it('closes what connectors and capabilities opened', async () => {
    const seen: string[] = []
    const last = Promise.withResolvers<void>()
    const bound: Capability = { name: 'one', bind: () => async () => last.resolve() }
    const compose = () =>
      createMcpClient({
        connectors: { first: opening(seen), second: opening(seen) },
        capabilities: [recorder('zero', seen), bound, failing, recorder('never', seen)],
      })
    expect(await errorOf(compose)).toMatchObject({ message: 'The capability failing cannot be bound.' })
    await last.promise
    const opened = ['first opened', 'second opened', 'zero bound']
    expect(seen).toEqual([...opened, 'first closed', 'second closed', 'zero closed'])
  })

  it('cancels the calls of a capability that was bound', async () => {
    const one = recorder('one', [])
    const connectors = { notes: demo({ token: 't' }) }
    await errorOf(() => createMcpClient({ connectors, capabilities: [one, failing] }))
    const call = one.context?.client('notes', { tenant: 'ada' }).invoke('get_note', { id: 'n' })
    expect(await errorOf(call ?? Promise.resolve())).toMatchObject({ code: 'CANCELLED' })
  })

  it('does not open a connector whose stages cannot be built', async () => {
    const seen: string[] = []
    await errorOf(() => createMcpClient({ connectors: { notes: opening(seen) }, capabilities: [badStage] }))
    expect(seen).toEqual([])
  })

  it('leaves no timer', async () => {
    const clock = createFakeClock()
    await errorOf(() =>
      createMcpClient({ connectors: { notes: demo() }, clock, vault: vault(), capabilities: [failing] }),
    )
    expect(clock.pending).toBe(0)
  })

  it('keeps the error of the composition when closing fails as well', async () => {
    const broken = opening([], () => Promise.reject(new Error('stuck')))
    const compose = () => createMcpClient({ connectors: { notes: broken }, capabilities: [failing] })
    expect(await errorOf(compose)).toMatchObject({ message: 'The capability failing cannot be bound.' })
  })

  it('does not release the vault of another client', async () => {
    const accounts = vault()
    const mcp = createMcpClient({ connectors: { notes: demo() }, vault: accounts })
    expect(await errorOf(() => createMcpClient({ connectors: {}, vault: accounts }))).toMatchObject({
      message: 'The vault is composed into another client already.',
    })
    expect(await mcp.vault.list({ everything: true })).toEqual([])
  })
})

describe('a client that is closed', () => {
  it('releases its vault, with what the vault stores, for the next client', async () => {
    const accounts = vault()
    const transport = scriptedTransport([{ json: { id: 'u1', name: 'Ada' } }, { json: note }])
    const options = { connectors: { notes: demo() }, vault: accounts, transport }
    const first = createMcpClient(options)
    await first.as('ada').notes.connect({ token: 't' })
    await first.close()
    const failure = { code: 'CONFIGURATION_ERROR', message: 'The vault is not composed into a client.' }
    expect(await errorOf(accounts.list({ everything: true }))).toMatchObject(failure)
    const next = createMcpClient(options)
    expect(await next.as('ada').notes.call('get_note', { id: 'n' })).toEqual(note)
    await first.close()
    expect(await next.vault.list({ everything: true })).toMatchObject([{ tenant: 'ada' }])
    expect(await errorOf(first.as('ada').notes.call('get_note', { id: 'n' }))).toMatchObject({ code: 'CANCELLED' })
  })

  it('runs its closers once', async () => {
    const seen: string[] = []
    const mcp = createMcpClient({ connectors: { notes: opening(seen) }, capabilities: [recorder('one', seen)] })
    await Promise.all([mcp.close(), mcp.close()])
    expect(seen).toEqual(['notes opened', 'one bound', 'notes closed', 'one closed'])
  })

  it('allows the same capability to be composed again', async () => {
    const seen: string[] = []
    const one = recorder('one', seen)
    await createMcpClient({ connectors: {}, capabilities: [one] }).close()
    createMcpClient({ connectors: {}, capabilities: [one] })
    expect(seen).toEqual(['one bound', 'one closed', 'one bound'])
  })

  it('closes everything although one part fails, and reports that failure', async () => {
    const seen: string[] = []
    const accounts = vault({ store: memoryStore(), audit: memoryAuditLog() })
    const broken = opening(seen, () => Promise.reject(new Error('stuck')))
    const mcp = createMcpClient({
      connectors: { broken, notes: opening(seen) },
      capabilities: [recorder('one', seen)],
      vault: accounts,
    })
    await expect(mcp.close()).rejects.toThrow('stuck')
    expect(seen.slice(3)).toEqual(['broken closed', 'notes closed', 'one closed'])
    expect(() => createMcpClient({ connectors: {}, vault: accounts })).not.toThrow()
  })
})

describe('a connector that cannot be registered', () => {
  it('does not share the account of its family', async () => {
    const provider = madeUpProvider({ family: 'suite' })
    const mcp = createMcpClient({
      connectors: { notes: provider.connector('notes')(app) },
      vault: vault({ redirectUri }),
      transport: provider.transport(),
      clock: createFakeClock(),
    })
    const tasks = { ...provider.connector('tasks')(app), mount: fails } as unknown as CustomConnector
    expect(await errorOf(() => mcp.register('tasks', tasks))).toMatchObject({ code: 'CONFIGURATION_ERROR' })
    const { notes } = mcp.as('ada')
    const started = await notes.connect()
    await mcp.completeAuthorization(callbackOf(started.status === 'authorize' ? started.url : ''), 'ada')
    expect(await notes.disconnect()).toBe(true)
    expect(await mcp.vault.list({ everything: true })).toEqual([])
  })
})
