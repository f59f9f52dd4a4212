import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { mcpServer } from '@mcpclient/mcp'
import type { ElicitResponse, Elicitor, ElicitQuestion } from '@mcpclient/mcp'
import { modernHttpServer } from '../support/modern-http.ts'
import { recordingLogger } from '../support/recording-logger.ts'
import { resultText } from '../support/result-text.ts'
import { rogueHttpServer } from '../support/rogue-http.ts'

const url = 'https://docs.example/mcp'
const form = {
  message: 'Which one?',
  requestedSchema: {
    type: 'object',
    properties: { size: { type: 'integer' }, colour: { type: 'string', default: 'red' } },
    required: ['size'],
  },
}

function asking(elicit: Elicitor | undefined) {
  const server = rogueHttpServer()
  const logger = recordingLogger()
  const mcp = createMcpClient({
    connectors: { docs: mcpServer({ url, fetch: server.fetch, ...(elicit && { elicit }) }) },
    logger,
    retry: { attempts: 1 },
  })
  return { mcp, logger, ask: async (input: object) => resultText(await mcp.as('ada').docs.call('ask', { ...input })) }
}

describe('a question of a server', () => {
  it('reaches the host with the tenant that it concerns, and the result includes the defaults', async () => {
    const questions: ElicitQuestion[] = []
    const { mcp, ask } = asking((question) => {
      questions.push(question)
      return Promise.resolve({ action: 'accept', content: { size: 3 } })
    })
    expect(JSON.parse(await ask(form))).toEqual({ action: 'accept', content: { size: 3, colour: 'red' } })
    expect(questions).toEqual([
      {
        mode: 'form',
        message: 'Which one?',
        schema: form.requestedSchema,
        serverId: 'docs',
        tenant: 'ada',
        connection: 'default',
        server: 'rogue',
        calls: [{ requestId: expect.any(String) as string, toolName: 'ask', principal: { tenant: 'ada' } }],
        signal: expect.any(AbortSignal) as AbortSignal,
      },
    ])
    await mcp.close()
  })

  it.each(['decline', 'cancel'] as const)('accepts the response %s of the user', async (action) => {
    const { mcp, ask } = asking(() => Promise.resolve({ action }))
    expect(JSON.parse(await ask(form))).toEqual({ action })
    await mcp.close()
  })

  it.each<[string, () => Promise<ElicitResponse>]>([
    ['does not fit', () => Promise.resolve({ action: 'accept', content: { size: 'large' } })],
    ['is incomplete', () => Promise.resolve({ action: 'accept', content: {} })],
    ['is a failure of the host', () => Promise.reject(new Error('no window'))],
  ])('is cancelled if the response %s', async (_, elicit) => {
    const { mcp, ask, logger } = asking(elicit)
    expect(JSON.parse(await ask(form))).toEqual({ action: 'cancel' })
    expect(logger.lines.some(({ level }) => level === 'error')).toBe(true)
    await mcp.close()
  })

  it('about a page names the host in punycode', async () => {
    const questions: ElicitQuestion[] = []
    const { mcp, ask } = asking((question) => {
      questions.push(question)
      return Promise.resolve({ action: 'accept', content: { ignored: true } })
    })
    const page = { mode: 'url', message: 'Sign in.', elicitationId: 'e1', url: 'https://exämple.com/in?x=1' }
    expect(JSON.parse(await ask(page))).toEqual({ action: 'accept' })
    expect(questions[0]).toMatchObject({
      mode: 'url',
      url: 'https://xn--exmple-cua.com/in?x=1',
      host: 'xn--exmple-cua.com',
    })
    await mcp.close()
  })

  it('about anything but a web page is declined', async () => {
    const { mcp, ask } = asking(() => Promise.resolve({ action: 'accept' }))
    const page = { mode: 'url', message: 'Click me.', elicitationId: 'e1', url: 'file:///etc/passwd' }
    expect(JSON.parse(await ask(page))).toEqual({ action: 'decline' })
    await mcp.close()
  })

  it('is not sent if the host passes no elicit', async () => {
    const { mcp } = asking(undefined)
    await expect(mcp.as('ada').docs.call('ask', form)).rejects.toMatchObject({
      code: 'MCP_SERVER_ERROR',
      message: expect.stringContaining('does not support') as string,
    })
    await mcp.close()
  })

  it('never reaches another tenant, because each has its own session', async () => {
    const asked: (string | undefined)[] = []
    const { mcp } = asking((question) => {
      asked.push(question.tenant)
      return Promise.resolve({ action: 'decline' })
    })
    await Promise.all(['ada', 'bob'].map((tenant) => mcp.as(tenant).docs.call('ask', form)))
    expect(new Set(asked)).toEqual(new Set(['ada', 'bob']))
    await mcp.close()
  })

  it('pauses the time limit of the call', async () => {
    const server = rogueHttpServer()
    const mcp = createMcpClient({
      connectors: {
        docs: mcpServer({
          url,
          fetch: server.fetch,
          elicit: () => new Promise((resolve) => setTimeout(() => resolve({ action: 'decline' }), 1500)),
        }),
      },
      timeouts: { requestMs: 1000 },
    })
    expect(JSON.parse(resultText(await mcp.as('ada').docs.call('ask', form)))).toEqual({ action: 'decline' })
    await mcp.close()
  })

  it('arrives from a modern server as the response to a call, which is sent again with the result', async () => {
    const server = modernHttpServer()
    const questions: ElicitQuestion[] = []
    const mcp = createMcpClient({
      connectors: {
        docs: mcpServer({
          url,
          fetch: server.fetch,
          elicit: (question) => {
            questions.push(question)
            return Promise.resolve({ action: 'accept', content: { confirm: true } })
          },
        }),
      },
    })
    expect(resultText(await mcp.as('ada').docs.call('deploy', { env: 'prod' }))).toBe('prod: true, no note')
    expect(questions).toMatchObject([{ mode: 'form', message: 'Deploy to prod?', tenant: 'ada', server: 'modern' }])
    expect(server.count('tools/call')).toBe(2)
    await mcp.close()
  })
})
