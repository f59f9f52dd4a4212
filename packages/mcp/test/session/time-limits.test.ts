import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { mcpServer } from '@mcpclient/mcp'
import type { McpProgress } from '@mcpclient/mcp'
import { resultText } from '../support/result-text.ts'
import { rogueClients } from '../support/rogue-client.ts'
import { rogueHttpServer } from '../support/rogue-http.ts'

const { start, log } = rogueClients()

describe('a tool that takes longer than a request may', () => {
  it('has its time limit start anew with each sign of progress: the SDK ignores progress unless asked', async () => {
    const mcp = start({ effects: { slow: 'read' } }, { timeouts: { requestMs: 1000 } })
    const { rogue } = mcp.as('ada')
    await rogue.call('echo', {})
    const seen: McpProgress[] = []
    const result = await rogue.call(
      'slow',
      { steps: 8, everyMs: 200 },
      { onProgress: (progress) => seen.push(progress) },
    )
    expect(resultText(result)).toBe('8 steps')
    expect(seen.at(0)).toEqual({ progress: 1, total: 8, message: 'step 1' })
    expect(log.calls('slow')).toBe(1)
  })

  it('and says nothing for so long is ended, and told so', async () => {
    const ran: string[] = []
    const server = rogueHttpServer({ onCall: (tool) => ran.push(tool) })
    const mcp = createMcpClient({
      connectors: { docs: mcpServer({ url: 'https://docs.example/mcp', fetch: server.fetch }) },
      timeouts: { requestMs: 200 },
    })
    await expect(mcp.as('ada').docs.call('hang', {})).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
    await expect.poll(() => ran).toEqual(['hang', 'hang was cancelled'])
    await mcp.close()
  })

  it('is ended at the limit of the call whatever it says', async () => {
    const mcp = start({ effects: { slow: 'read' } }, { retry: { attempts: 1 } })
    const { rogue } = mcp.as('ada')
    await rogue.call('echo', {})
    await expect(rogue.call('slow', { steps: 100, everyMs: 50 }, { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
  })

  it('is ended when its caller cancels, and the server is told', async () => {
    const mcp = start()
    const impatient = new AbortController()
    const call = mcp.as('ada').rogue.call('hang', {}, { signal: impatient.signal })
    const refused = expect(call).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect.poll(() => log.calls('hang')).toBe(1)
    impatient.abort()
    await refused
    await expect.poll(() => log.calls('hang was cancelled')).toBe(1)
  })
})

describe('a connection that is not made in time', () => {
  it('was sent nothing, so a write is not in doubt', async () => {
    const server = rogueHttpServer()
    server.answer = () => new Promise(() => undefined)
    const mcp = createMcpClient({
      connectors: { docs: mcpServer({ url: 'https://docs.example/mcp', fetch: server.fetch }) },
      timeouts: { requestMs: 50 },
      retry: { attempts: 2, baseMs: 1 },
    })
    await expect(mcp.as('ada').docs.call('write', {})).rejects.toMatchObject({
      code: 'TIMEOUT',
      details: { outcome: 'not_processed' },
    })
    await mcp.close()
  })

  it('is a program that may take its time: it may have to be installed first', async () => {
    const mcp = start(
      {
        args: [
          '-e',
          `setTimeout(() => import(process.argv[1]), 1200)`,
          new URL('../support/rogue-process.ts', import.meta.url).href,
        ],
      },
      { timeouts: { requestMs: 800 }, retry: { attempts: 1 } },
    )
    expect(resultText(await mcp.as('ada').rogue.call('echo', { late: true }))).toBe('{"late":true}')
  })
})
