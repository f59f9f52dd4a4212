import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMcpClient, fetchTransport, memoryStore, stages } from '@mcpclient/core'
import type { Stages } from '@mcpclient/core'
import { bearer, defineConnector, post, tool } from '@mcpclient/core/define'
import { vault } from '@mcpclient/core/vault'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { layeredSources } from '../src/boundaries.ts'
import { root } from '../src/tree.ts'

const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8')

/** Returns the rows of the tables under a heading of the page, cell by cell. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const [, section = ''] = page.split(`\n## ${heading}\n`)
  const [body = ''] = section.split('\n## ')
  return body
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

function standardPipeline(): Stages {
  let standard: Stages | undefined
  createMcpClient({
    connectors: {},
    pipeline: (given) => {
      standard = given
      return given
    },
  })
  if (standard === undefined) throw new Error('The client did not ask for its pipeline.')
  return standard
}

/** Makes a call that uses every stage, and returns the files of core on its way from the host to the transport. */
async function filesOnTheStackOfACall(): Promise<readonly string[]> {
  let stack = ''
  const shop = defineConnector({
    id: 'shop',
    name: 'Shop',
    description: 'Sells things.',
    baseUrl: ({ settings }) => `https://${settings.region}.shop.example/`,
    settings: z.object({ region: z.string() }),
    auth: bearer(),
    limits: [{ scope: 'app', requests: 50, perMs: 1_000 }],
    tools: {
      buy: tool({
        description: 'Buy a thing.',
        effect: 'write',
        input: z.object({}),
        output: z.object({}),
        request: () => post('orders', {}),
      }),
    },
  })
  const mcp = createMcpClient({
    connectors: { shop: shop() },
    vault: vault({ store: memoryStore() }),
    permissions: { policy: () => ({}), approve: () => true },
    transport: fetchTransport({
      fetch: () => {
        stack = new Error('Only for its stack.').stack ?? ''
        return Promise.resolve(Response.json({}))
      },
    }),
  })
  const ada = mcp.as('ada')
  await ada.shop.connect({ token: 'token-of-ada' }, { settings: { region: 'eu' } })
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = Number.POSITIVE_INFINITY
  try {
    await ada.shop.call('buy', {})
  } finally {
    Error.stackTraceLimit = limit
    await mcp.close()
  }
  const frames = stack.split('\n').toReversed()
  return [...new Set(frames.flatMap((frame) => frame.match(/packages\/core\/src\/([\w/-]+\.ts)/)?.[1] ?? []))]
}

describe('docs/architecture.md', () => {
  it('names the stages in the order of the pipeline', () => {
    const nameOf = new Map<unknown, string>(Object.entries(stages).map(([name, stage]) => [stage, name]))
    const inWords = (list: readonly unknown[]) =>
      list.map((entry) => (typeof entry === 'string' ? `'${entry}'` : nameOf.get(entry))).join(' → ')
    const { call, request } = standardPipeline()
    expect(rowsUnder('The order of the stages')).toEqual([
      ['once per call', inWords(call)],
      ['once per request', inWords(request)],
    ])
  })

  it('lists at most twelve files for one call, all of which exist', () => {
    const files = rowsUnder('One call in twelve files').map(([file = '']) => file.replaceAll('`', ''))
    expect(files.length).toBeLessThanOrEqual(12)
    expect(files.filter((file) => !existsSync(join(root, 'packages/core/src', file)))).toEqual([])
  })

  it('lists the files of a call in the order of the call', async () => {
    const listed = rowsUnder('One call in twelve files').map(([file = '']) => file.replaceAll('`', ''))
    const passed = await filesOnTheStackOfACall()
    const ofComposition = new Set(['client/create-mcp-client.ts', 'pipeline/pipeline.ts'])
    expect(passed.filter((file) => listed.includes(file) && !ofComposition.has(file))).toEqual(
      listed.filter((file) => !ofComposition.has(file)),
    )
    const [, others = ''] = page.match(/The call also passes ([^]*?)\. A test/) ?? []
    expect(passed.filter((file) => !listed.includes(file))).toEqual(
      [...others.matchAll(/`([^`]+)`/g)].map(([, file]) => file),
    )
  })

  it('has the layers of the boundary rules', () => {
    const core = layeredSources.find(({ name }) => name === 'core')
    const rooms = core?.layers.slice(1).map((layer, index) => [String(index + 1), layer.join(', ')])
    expect(rowsUnder('Allowed imports')).toEqual(rooms)
  })
})
