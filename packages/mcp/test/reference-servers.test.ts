import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { mcpServer } from '@mcpclient/mcp'
import { mcpProcess } from '@mcpclient/mcp/stdio'
import { everythingPath, filesystemPath, startEverythingOverHttp } from './support/reference-servers.ts'
import { resultText } from './support/result-text.ts'

type Peer = Awaited<ReturnType<typeof startEverythingOverHttp>>
const peers: Peer[] = []
const startPeer = async (): Promise<Peer> => {
  const started = await startEverythingOverHttp()
  peers.push(started)
  return started
}
let peer: Peer
let folder: string
beforeAll(async () => {
  peer = await startPeer()
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'mcpclient-files-')))
  writeFileSync(join(folder, 'hello.txt'), 'Hello from a file.')
})
afterAll(async () => {
  await Promise.all(peers.map((each) => each.stop()))
  rmSync(folder, { recursive: true })
})

const options = {
  effects: { echo: 'read', 'get-*': 'read', 'trigger-long-running-operation': 'read' },
  elicit: () => Promise.resolve({ action: 'accept' as const, content: { name: 'Ada' } }),
} as const

const connectors = {
  stdio: () => mcpProcess({ command: process.execPath, args: [everythingPath], ...options }),
  http: () => mcpServer({ url: peer.url, ...options }),
}

describe.each(['stdio', 'http'] as const)('the everything server over %s', (transport) => {
  const open = () => {
    const mcp = createMcpClient({ connectors: { every: connectors[transport]() } })
    return { mcp, every: mcp.as('ada').every }
  }

  it('lists tools, calls them and reports errors', async () => {
    const { mcp, every } = open()
    const names = (await every.listTools()).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['echo', 'get-sum', 'trigger-elicitation-request']))
    expect(resultText(await every.call('get-sum', { a: 2, b: 40 }))).toContain('42')
    const weather = await every.call('get-structured-content', { location: 'New York' })
    expect(weather.structured).toMatchObject({ temperature: expect.any(Number) as number })
    expect((await every.call('get-tiny-image', {})).content).toEqual(
      expect.arrayContaining([expect.objectContaining({ type: 'image', mimeType: 'image/png' })]),
    )
    await expect(every.call('get-sum', { a: 'two' })).rejects.toMatchObject({ code: 'MCP_CLIENT_ERROR' })
    await expect(every.call('get-summ', {})).rejects.toMatchObject({
      code: 'TOOL_NOT_SUPPORTED',
      details: { choices: expect.arrayContaining(['get-sum']) as string[] },
    })
    await mcp.close()
  })

  it('has resources, prompts and completions', async () => {
    const { mcp, every } = open()
    const [resource] = await every.resources()
    const [contents] = await every.readResource(resource?.uri ?? '')
    expect(contents).toMatchObject({ uri: resource?.uri })
    expect(await every.resourceTemplates()).not.toEqual([])
    expect((await every.prompts()).map(({ name }) => name)).toContain('args-prompt')
    const { messages } = await every.getPrompt('args-prompt', { city: 'Oslo' })
    expect(messages[0]).toMatchObject({
      role: 'user',
      content: { type: 'text', text: expect.stringContaining('Oslo') as string },
    })
    const { values } = await every.complete({ prompt: 'completable-prompt' }, { name: 'department', value: 'Eng' })
    expect(values).toEqual(['Engineering'])
    await mcp.close()
  })

  it('reports progress, and asks the user', async () => {
    const { mcp, every } = open()
    const steps: number[] = []
    await every.call(
      'trigger-long-running-operation',
      { duration: 0.2, steps: 4 },
      { onProgress: ({ progress }) => steps.push(progress) },
    )
    expect(steps).toEqual([1, 2, 3, 4])
    expect(resultText(await every.call('trigger-elicitation-request', {}))).toContain('Ada')
    expect(await every.health()).toMatchObject({ status: 'healthy' })
    await mcp.close()
  })
})

it('continues with the next call after the everything server is restarted', async () => {
  const first = await startPeer()
  let url = first.url
  // The same address, as behind a load balancer.
  const fetch = (address: string | URL, init?: RequestInit) => globalThis.fetch(new URL(url, address), init)
  const mcp = createMcpClient({ connectors: { every: mcpServer({ url: first.url, fetch }) } })
  const { every } = mcp.as('ada')
  await every.call('echo', { message: 'before' })
  await first.stop()
  const second = await startPeer()
  url = second.url
  const results = await Promise.all(['a', 'b', 'c'].map((message) => every.call('echo', { message })))
  expect(results.map(resultText)).toEqual(['Echo: a', 'Echo: b', 'Echo: c'])
  await mcp.close()
})

it('lets a host exit by itself after it closes its client', async () => {
  const script = fileURLToPath(new URL('support/closes-and-ends.ts', import.meta.url))
  const args = ['--conditions=@mcpclient/source', script, peer.url, process.execPath, everythingPath]
  const host = spawn(process.execPath, args, { stdio: 'inherit' })
  const [code] = (await once(host, 'exit')) as [number]
  expect(code).toBe(0)
})

it('reads and writes in the allowed folder of the filesystem server only', async () => {
  const mcp = createMcpClient({
    connectors: {
      files: mcpProcess({
        command: process.execPath,
        args: [filesystemPath, folder],
        effects: { 'read_*': 'read', 'list_*': 'read', write_file: { effect: 'write', idempotent: true } },
        tools: { deny: ['move_file'] },
      }),
    },
  })
  const { files } = mcp.as('ada')
  expect(resultText(await files.getData('read_text_file', { path: join(folder, 'hello.txt') }))).toBe(
    'Hello from a file.',
  )
  await files.sendData('write_file', { path: join(folder, 'new.txt'), content: 'New.' })
  expect(resultText(await files.call('list_directory', { path: folder }))).toContain('new.txt')
  await expect(files.call('read_text_file', { path: '/etc/passwd' })).rejects.toMatchObject({
    code: 'MCP_CLIENT_ERROR',
    message: expect.stringContaining('Access denied') as string,
  })
  expect((await files.listTools()).map(({ name }) => name)).not.toContain('move_file')
  await mcp.close()
})
