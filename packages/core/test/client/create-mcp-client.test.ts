import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { ConnectorClient, ConnectorError, createMcpClient, createRegistry, memoryStore } from '@mcpclient/core'
import type { Call, CustomConnector, RuntimeEvents, SyncResult } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { noAuth } from '@mcpclient/core/define'
import { demo } from '../demo-connector.ts'

const note = { id: 'n1', text: 'hi' }

describe('a call', () => {
  it('sends one signed request, and returns the parsed response', async () => {
    const transport = scriptedTransport([{ json: { ...note, internal: 'dropped' } }])
    const mcp = createMcpClient({ connectors: { notes: demo({ token: 'secret-1' }) }, transport })

    const answer = await mcp.as('ada').notes.call('get_note', { id: 'a/b' }, { requestId: 'r-1' })

    expect(answer).toEqual(note)
    expect(transport.requests).toMatchObject([{ method: 'GET', url: 'https://eu.demo.example/v1/notes/a%2Fb' }])
    expect(transport.requests[0]?.headers).toMatchObject({ 'x-request-id': 'r-1' })
    transport.verify()
  })

  it('rejects invalid input before anything is sent', async () => {
    const transport = scriptedTransport([])
    const mcp = createMcpClient({ connectors: { notes: demo({ token: 't' }) }, transport })

    await expect(mcp.as('ada').notes.call('create_note', { text: '' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      details: { serverId: 'notes', toolName: 'create_note', issues: [{ path: 'text' }] },
    })
    expect(transport.requests).toEqual([])
  })

  it('names the nearest tools if the tool does not exist', async () => {
    const mcp = createMcpClient({
      connectors: { notes: demo({ token: 't' }) },
      vault: vault(),
      transport: scriptedTransport([]),
    })
    const failure = await mcp
      .client('notes', 'ada')
      .invoke('note_get', {})
      .catch((error: unknown) => error)
    expect(ConnectorError.is(failure) && failure.details.choices?.[0]).toBe('get_note')
    expect(failure).toMatchObject({ code: 'TOOL_NOT_SUPPORTED' })
  })

  it('limits getData to reads and sendData to writes at run time too', async () => {
    const mcp = createMcpClient({
      connectors: { notes: demo({ token: 't' }) },
      vault: vault(),
      transport: scriptedTransport([]),
    })
    const { notes } = mcp.as('ada')
    await expect(notes.getData('create_note' as 'get_note', { id: 'x' })).rejects.toMatchObject({
      code: 'TOOL_NOT_SUPPORTED',
    })
    await expect(notes.sendData('get_note' as 'create_note', { text: 'x' })).rejects.toMatchObject({
      code: 'TOOL_NOT_SUPPORTED',
    })
  })

  it('runs a tool of several requests, independent ones concurrently', async () => {
    const transport = scriptedTransport(({ method, path }) =>
      method === 'GET' ? { json: { id: path, text: path.slice(-1) } } : { json: { id: 'new', text: 'a+b' } },
    )
    const mcp = createMcpClient({ connectors: { notes: demo({ token: 't' }) }, transport })
    expect(await mcp.as('ada').notes.call('copy_notes', { ids: ['a', 'b'] })).toEqual({ id: 'new', text: 'a+b' })
    expect(transport.requests.at(-1)).toMatchObject({ method: 'POST', json: { text: 'a+b' } })
  })

  it('reports how many steps had succeeded when a later one fails', async () => {
    const transport = scriptedTransport([{ json: note }, { status: 403 }])
    const mcp = createMcpClient({ connectors: { notes: demo({ token: 't' }) }, transport })
    await expect(mcp.as('ada').notes.call('copy_notes', { ids: ['a'] })).rejects.toMatchObject({
      code: 'MCP_CLIENT_ERROR',
      details: { completedSteps: 1, status: 403 },
    })
  })

  it('streams items as they arrive, and collects them for call', async () => {
    const events = [{ data: note }, { data: { id: 'n2', text: 'two' } }, '[DONE]', { data: { id: 'late', text: '' } }]
    const mcp = createMcpClient({
      connectors: { notes: demo({ token: 't' }) },
      vault: vault(),
      transport: scriptedTransport(() => ({ events })),
    })
    const { notes } = mcp.as('ada')
    const seen: string[] = []
    for await (const { id } of notes.stream('watch_notes', {})) seen.push(id)
    expect(seen).toEqual(['n1', 'n2'])
    expect(await notes.call('watch_notes', {})).toHaveLength(2)
  })
})

describe('pages of a list', () => {
  const page = (id: string, next?: string) => ({ json: { notes: [{ id, text: '' }], ...(next && { next }) } })

  it('are gathered by call() up to the last one', async () => {
    const transport = scriptedTransport([page('a', 'c1'), { json: { notes: [], next: 'c2' } }, page('b')])
    const mcp = createMcpClient({ connectors: { notes: demo({ token: 't' }) }, transport })
    const answer = await mcp.as('ada').notes.call('list_notes', {})
    expect(answer.notes.map(({ id }) => id)).toEqual(['a', 'b'])
    expect(answer.complete).toBe(true)
    expect(transport.requests.map(({ url }) => new URL(url).searchParams.get('cursor'))).toEqual([null, 'c1', 'c2'])
  })

  it('end at the limit with a note that there is more', async () => {
    const transport = scriptedTransport([page('a', 'c1'), page('b', 'c2'), page('c', 'c3')])
    const mcp = createMcpClient({ connectors: { notes: demo({ token: 't' }) }, transport })
    expect(await mcp.as('ada').notes.call('list_notes', {})).toMatchObject({ complete: false })
    transport.verify()
  })

  it('are fetched one by one on demand', async () => {
    const transport = scriptedTransport([page('a', 'c1'), page('b', 'c2')])
    const mcp = createMcpClient({ connectors: { notes: demo({ token: 't' }) }, transport })
    for await (const { notes } of mcp.as('ada').notes.pages('list_notes', {})) {
      if (notes[0]?.id === 'b') break
    }
    expect(transport.requests).toHaveLength(2)
  })

  it('end incomplete if a cursor repeats', async () => {
    const transport = scriptedTransport(() => page('a', 'same'))
    const mcp = createMcpClient({ connectors: { notes: demo({ token: 't' }) }, transport })
    expect(await mcp.as('ada').notes.call('list_notes', {})).toMatchObject({ complete: false })
    expect(transport.requests).toHaveLength(2)
  })
})

describe('connections', () => {
  it('belong to their tenant, and are verified before they are stored', async () => {
    const transport = scriptedTransport((request) => {
      const { authorization } = request.headers
      return authorization === 'Bearer good' ? { json: { id: 'u1', name: 'Ada' } } : { status: 401 }
    })
    const credentials = memoryStore()
    const mcp = createMcpClient({ connectors: { notes: demo() }, transport, vault: vault({ store: credentials }) })
    const { notes } = mcp.as('ada')

    await expect(notes.connect({ token: 'bad' })).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    expect(await notes.isConnected()).toBe(false)
    expect(await notes.connect({ token: 'good' })).toEqual({ status: 'connected', account: { id: 'u1', name: 'Ada' } })
    expect(await notes.isConnected()).toBe(true)
    expect(await mcp.as('bob').notes.isConnected()).toBe(false)
    await expect(mcp.as('bob').notes.call('get_note', { id: 'x' })).rejects.toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
    })
    expect(await notes.disconnect()).toBe(true)
    expect(await notes.isConnected()).toBe(false)
  })

  it('are never guessed: without a default, the error lists the names', async () => {
    const mcp = createMcpClient({
      connectors: { notes: demo() },
      vault: vault(),
      transport: scriptedTransport(() => ({ json: note })),
    })
    const { notes } = mcp.as('ada')
    await notes.at('work').connect({ token: 'w' })
    await notes.at('home').connect({ token: 'h' })
    await expect(notes.call('get_note', { id: 'x' })).rejects.toMatchObject({
      code: 'ROUTING_ERROR',
      details: { choices: ['home', 'work'] },
    })
    expect(await notes.at('work').call('get_note', { id: 'x' })).toEqual(note)
  })

  it('may have settings of their own', async () => {
    const transport = scriptedTransport(() => ({ json: note }))
    const mcp = createMcpClient({ connectors: { notes: demo({ region: 'eu' }) }, vault: vault(), transport })
    await mcp.as('ada').notes.connect({ token: 't' }, { settings: { region: 'us' } })
    await mcp.as('ada').notes.call('get_note', { id: 'x' })
    expect(transport.requests.map(({ url }) => new URL(url).host)).toEqual(['us.demo.example', 'us.demo.example'])
  })
})

describe('the envelope', () => {
  const client = () =>
    createMcpClient({
      connectors: { notes: demo({ token: 't' }) },
      vault: vault(),
      transport: scriptedTransport(({ path }) => (path.endsWith('gone') ? { status: 404 } : { json: note })),
    })

  it('returns a success', async () => {
    const asked = { server_id: 'notes', tool_name: 'get_note', tool_input: { id: 'x' }, request_id: 'q1' }
    expect(await client().handle(asked, 'ada')).toEqual({
      status: 'success',
      server_id: 'notes',
      tool_name: 'get_note',
      tool_output: note,
      original_request_id: 'q1',
    })
  })

  it.each([
    [null, 'INVALID_INPUT'],
    [{ server_id: 'nope', tool_name: 'x' }, 'ROUTING_ERROR'],
    [{ server_id: 'notes', tool_name: 'x' }, 'TOOL_NOT_SUPPORTED'],
    [{ server_id: 'notes', tool_name: 'get_note' }, 'INVALID_INPUT'],
    [{ server_id: 'notes', tool_name: 'get_note', tool_input: { id: 'gone' } }, 'MCP_CLIENT_ERROR'],
  ])('returns the error for %j, %s, and never throws', async (asked, code) => {
    expect(await client().handle(asked, 'ada')).toMatchObject({ status: 'error', error: { code } })
  })
})

describe('a running client', () => {
  it('registers and removes connectors, from configuration too', async () => {
    const registry = createRegistry([demo])
    const mcp = createMcpClient({
      connectors: {},
      vault: vault(),
      transport: scriptedTransport(() => ({ json: note })),
    })
    mcp.register('later', registry.create({ type: 'demo', token: 't', region: 'us' }))
    expect(await mcp.client('later', 'ada').invoke('get_note', { id: 'x' })).toEqual(note)
    expect(() => mcp.register('later', registry.create({ type: 'demo' }))).toThrow(/already/)
    expect(await mcp.remove('later')).toBe(true)
    expect(() => mcp.client('later', 'ada')).toThrow(/No connector has the server id/)
    expect(() => registry.create({ type: 'nope' })).toThrow(/No connector has the type/)
    expect(() => registry.create({ type: 'demo', region: 7 })).toThrow(/settings of demo/)
  })

  it('emits how calls ended, without their content', async () => {
    const clock = createFakeClock()
    const mcp = createMcpClient({
      connectors: { notes: demo({ token: 't' }) },
      vault: vault(),
      clock,
      transport: scriptedTransport([{ json: note }, { status: 404 }]),
    })
    const seen: RuntimeEvents['call.finished'][] = []
    mcp.on('call.finished', (event) => seen.push(event))
    await mcp.as({ tenant: 'ada', agent: 'bot' }).notes.call('get_note', { id: 'x' })
    await mcp
      .as('ada')
      .notes.call('get_note', { id: 'y' })
      .catch(() => undefined)
    expect(seen).toMatchObject([
      { status: 'success', agent: 'bot', toolName: 'get_note' },
      { status: 'error', code: 'MCP_CLIENT_ERROR' },
    ])
    expect(JSON.stringify(seen)).not.toContain('hi')
  })

  it('lists the tools of all connectors, with JSON Schemas', async () => {
    const mcp = createMcpClient({
      connectors: { notes: demo({ token: 't' }) },
      vault: vault(),
      transport: scriptedTransport([]),
    })
    const { tools, failures } = await mcp.listTools('ada')
    expect(failures).toEqual([])
    expect(tools.find(({ name }) => name === 'create_note')).toMatchObject({
      serverId: 'notes',
      effect: 'write',
      inputSchema: { type: 'object', required: ['text'] },
    })
  })

  it('cancels every running call when it is closed', async () => {
    const transport = scriptedTransport(() => new Promise(() => undefined))
    const mcp = createMcpClient({ connectors: { notes: demo({ token: 't' }) }, transport })
    const running = mcp.as('ada').notes.call('get_note', { id: 'x' })
    const settled = expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
    await mcp.close()
    await settled
    await expect(mcp.as('ada').notes.call('get_note', { id: 'x' })).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe('the abstract client', () => {
  /** A service without HTTP, which extends the abstract client. */
  class Abacus extends ConnectorClient<{
    settings: {}
    credential: {}
    tools: { add: { input: { a: number; b: number }; output: number; part: never; effect: 'read'; shape: 'one' } }
    syncs: { beads: { params: { row: number } } }
    events: { moved: { beads: number } }
  }> {
    override listTools() {
      return Promise.resolve([
        { name: 'add', description: 'Add.', inputSchema: {}, effect: 'read' as const, idempotent: true },
      ])
    }
    protected override toolFacts(tool: string) {
      return tool === 'add' ? { effect: 'read' as const } : undefined
    }
    protected override async perform(call: Call): Promise<unknown> {
      const { a, b } = call.input as { a: number; b: number }
      const reply = await this.host.request(
        call,
        { method: 'EXCHANGE', path: 'add', run: () => Promise.resolve(a + b) },
        { effect: 'read' },
      )
      this.emit('moved', { beads: Number(reply.body) })
      return reply.body
    }
    protected override performSync(): Promise<SyncResult> {
      return Promise.resolve({ success: true, itemsProcessed: 1, errors: [], timestamp: new Date(0) })
    }
  }
  const abacus = (): CustomConnector<Abacus['types'], Abacus> => ({
    profile: { id: 'abacus', name: 'Abacus', auth: noAuth },
    settings: {},
    appCredential: {},
    parseSettings: (settings) => settings,
    baseUrl: () => '',
    mount: () => ({ open: (host) => new Abacus(host) }),
  })

  it('runs through the same typed pipeline', async () => {
    const mcp = createMcpClient({
      connectors: { abacus: abacus() },
      vault: vault(),
      permissions: { policy: { deny: ['*.sub'] } },
    })
    const moved: number[] = []
    mcp.on('abacus.moved', ({ data }) => moved.push(data.beads))
    expect(await mcp.as('ada').abacus.call('add', { a: 1, b: 2 })).toBe(3)
    expect(moved).toEqual([3])
    expect(await mcp.as('ada').abacus.syncData('beads', { direction: 'pull', params: { row: 1 } })).toMatchObject({
      success: true,
    })
    expect(await mcp.handle({ server_id: 'abacus', tool_name: 'mul' }, 'ada')).toMatchObject({
      error: { code: 'TOOL_NOT_SUPPORTED' },
    })
  })
})
