import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { createFakeClock } from '@mcpclient/testing'
import { mcpServer } from '@mcpclient/mcp'
import type { HttpServerOptions, McpProgress } from '@mcpclient/mcp'
import { eventStream } from '../support/event-stream.ts'
import { expectSoon } from '../support/expect-soon.ts'
import { resultText } from '../support/result-text.ts'
import { rogueClients } from '../support/rogue-client.ts'
import { rogueHttpServer } from '../support/rogue-http.ts'
import type { RogueHttpOptions } from '../support/rogue-http.ts'

const { start, log } = rogueClients()

/** Returns a host and a server on a fake clock. */
function docsOf(
  timeouts: { readonly requestMs?: number },
  options: Partial<Omit<HttpServerOptions, 'url'>> = {},
  rogue: RogueHttpOptions = {},
) {
  const clock = createFakeClock()
  const server = rogueHttpServer(rogue)
  const mcp = createMcpClient({
    connectors: { docs: mcpServer({ url: 'https://docs.example/mcp', fetch: server.fetch, clock, ...options }) },
    timeouts,
    clock,
    random: () => 0,
  })
  return { clock, server, mcp, docs: mcp.as('ada').docs }
}

/** Starts a tool call whose response the test writes. */
function slowCall({ server }: ReturnType<typeof docsOf>) {
  const stream = eventStream()
  const request: { id?: number; progressToken?: number } = {}
  server.respond = async (asked, rpc) => {
    if (rpc !== 'tools/call') return undefined
    const { id, params } = (await asked.json()) as { id: number; params: { _meta: { progressToken: number } } }
    const { _meta: meta } = params
    Object.assign(request, { id, progressToken: meta.progressToken })
    return stream.response
  }
  const progress = (step: number) =>
    stream.send({
      method: 'notifications/progress',
      params: { progressToken: request.progressToken, progress: step, total: 8, message: `step ${step}` },
    })
  const finish = () => stream.send({ id: request.id, result: { content: [{ type: 'text', text: '8 steps' }] } })
  return { request, progress, finish }
}

describe('a tool that takes longer than the time limit of a request', () => {
  it('restarts the time limit with each progress notification', async () => {
    const host = docsOf({ requestMs: 1000 })
    const { docs, clock } = host
    await docs.call('echo', {})
    const { request, progress, finish } = slowCall(host)
    const seen: McpProgress[] = []
    const call = docs.call('slow', {}, { onProgress: (step) => seen.push(step) })
    await expectSoon(() => request.id).toBeDefined()
    for (let step = 1; step <= 8; step++) {
      await clock.advance(900)
      progress(step)
      await expectSoon(() => seen.length).toBe(step)
    }
    finish()
    expect(resultText(await call)).toBe('8 steps')
    expect(seen.at(0)).toEqual({ progress: 1, total: 8, message: 'step 1' })
  })

  it('is aborted after that time without progress, and the server is notified', async () => {
    const ran: string[] = []
    const { docs, clock } = docsOf({ requestMs: 200 }, {}, { onCall: (tool) => ran.push(tool) })
    await docs.call('echo', {})
    const refused = expect(docs.call('hang', {})).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
    await expectSoon(() => ran).toEqual(['echo', 'hang'])
    await clock.advance(200)
    await refused
    await expectSoon(() => ran).toEqual(['echo', 'hang', 'hang was cancelled'])
  })

  it('is aborted at the limit of the call, whatever progress it reports', async () => {
    const host = docsOf({}, { effects: { slow: 'read' } })
    const { docs, clock } = host
    await docs.call('echo', {})
    const { request, progress } = slowCall(host)
    const seen: unknown[] = []
    const call = docs.call('slow', {}, { timeoutMs: 300, onProgress: (step) => seen.push(step) })
    const refused = expect(call).rejects.toMatchObject({ code: 'TIMEOUT' })
    await expectSoon(() => request.id).toBeDefined()
    for (let step = 1; step <= 2; step++) {
      await clock.advance(100)
      progress(step)
      await expectSoon(() => seen.length).toBe(step)
    }
    await clock.advance(100)
    await refused
  })

  it('is aborted when its caller cancels, and the server is notified', async () => {
    const mcp = start()
    const impatient = new AbortController()
    const call = mcp.as('ada').rogue.call('hang', {}, { signal: impatient.signal })
    const refused = expect(call).rejects.toMatchObject({ code: 'CANCELLED' })
    await expectSoon(() => log.calls('hang')).toBe(1)
    impatient.abort()
    await refused
    await expectSoon(() => log.calls('hang was cancelled')).toBe(1)
  })
})

describe('a list in many pages', () => {
  it('applies the time limit of a request to each page', async () => {
    const { docs, clock, server } = docsOf({ requestMs: 2000 })
    server.respond = async (request, rpc) => {
      if (rpc !== 'tools/list') return undefined
      const { id, params } = (await request.json()) as { id: number; params?: { cursor?: string } }
      const page = Number(params?.cursor ?? 0)
      await new Promise<void>((resolve) => clock.schedule(400, resolve))
      const tools = [{ name: `tool_${page}`, inputSchema: { type: 'object' } }]
      const next = page < 120 ? { nextCursor: String(page + 1) } : {}
      return Response.json({ jsonrpc: '2.0', id, result: { tools, ...next } })
    }
    expect(await clock.until(docs.listTools())).toHaveLength(121)
    expect(docs.omittedTools()).toEqual([])
  })

  it('returns after five minutes with what arrived', async () => {
    const { docs, clock, server } = docsOf({ requestMs: 2000 }, { idleMs: Number.POSITIVE_INFINITY })
    server.respond = async (request, rpc) => {
      if (rpc !== 'tools/list') return undefined
      const { id, params } = (await request.json()) as { id: number; params?: { cursor?: string } }
      const page = Number(params?.cursor ?? 0)
      await new Promise<void>((resolve) => clock.schedule(1000, resolve))
      const tools = [{ name: `tool_${page}`, inputSchema: { type: 'object' } }]
      return Response.json({ jsonrpc: '2.0', id, result: { tools, nextCursor: String(page + 1) } })
    }
    expect(await clock.until(docs.listTools())).toHaveLength(300)
    expect(docs.omittedTools()).toEqual([{ reason: 'the list takes longer than 300000 ms' }])
  })
})

describe('a connection that is not opened in time', () => {
  it('reports that a write was not sent', async () => {
    const { docs, clock, server } = docsOf({ requestMs: 50 })
    server.respond = () => new Promise(() => undefined)
    await expect(clock.until(docs.call('write', {}))).rejects.toMatchObject({
      code: 'TIMEOUT',
      details: { outcome: 'not_processed' },
    })
  })

  it.each([
    ['initialize', 'legacy'],
    ['server/discover', 'auto'],
    ['server/discover', 'modern'],
  ] as const)('fails once, at connectTimeoutMs, if %s gets no response (%s)', async (silent, versions) => {
    const { docs, clock, server } = docsOf({}, { connectTimeoutMs: 7000, versions, effects: { '*': 'read' } })
    server.respond = (_request, rpc) => (rpc === silent ? new Promise(() => undefined) : undefined)
    const before = clock.monotonic()
    await expect(clock.until(docs.call('echo', {}))).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: 'docs did not complete the MCP handshake within 7000 ms.',
      details: { outcome: 'not_processed', attempts: 1 },
    })
    expect(clock.monotonic() - before).toBe(7000)
    expect(server.count(silent)).toBe(1)
  })

  it('is given 30 seconds by default', async () => {
    const { docs, clock, server } = docsOf({ requestMs: 100_000 })
    server.respond = () => new Promise(() => undefined)
    const call = docs.call('echo', {})
    await expect(clock.until(call)).rejects.toThrow('docs did not complete the MCP handshake within 30000 ms.')
  })

  it('is opened again by the next call', async () => {
    const { docs, clock, server } = docsOf({}, { connectTimeoutMs: 7000 })
    server.respond = () => new Promise(() => undefined)
    await expect(clock.until(docs.call('echo', {}))).rejects.toMatchObject({ code: 'TIMEOUT' })
    server.respond = () => undefined
    expect(resultText(await clock.until(docs.call('echo', { n: 1 })))).toBe('{"n":1}')
  })

  it('does not count against the time limit of a request if a program has to be installed first', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mcp-gate-'))
    onTestFinished(() => {
      rmSync(folder, { recursive: true })
    })
    const gate = join(folder, 'open')
    const clock = createFakeClock()
    const mcp = start(
      {
        args: [
          '-e',
          `const { existsSync } = require('node:fs')
           const wait = setInterval(() => {
             if (!existsSync(process.env.GATE)) return
             clearInterval(wait)
             import(process.argv[1])
           }, 20)`,
          new URL('../support/rogue-process.ts', import.meta.url).href,
        ],
        env: { GATE: gate },
        clock,
      },
      { timeouts: { requestMs: 800 }, retry: { attempts: 1 }, clock },
    )
    const states: string[] = []
    mcp.on('rogue.state', ({ data }) => states.push(data.to))
    const call = mcp.as('ada').rogue.call('echo', { late: true })
    await expectSoon(() => states).toEqual(['connecting'])
    await clock.advance(5000)
    expect(existsSync(gate)).toBe(false)
    writeFileSync(gate, '')
    expect(resultText(await call)).toBe('{"late":true}')
    await clock.until(mcp.close())
  })
})
