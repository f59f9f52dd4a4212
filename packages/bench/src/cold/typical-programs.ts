import type { Program } from './bundled-size.ts'

export interface TypicalProgram extends Program {
  readonly name: string
  /** The owner of the `node_modules` for the build. */
  readonly where: 'bench' | 'peers'
}

const SMALLEST = `
import { createMcpClient, fetchTransport, memoryStore } from '@mcpclient/core'

const options = { connectors: {}, transport: fetchTransport(), state: memoryStore() }
`

/** Returns a host with its own connector, over the default transport. */
const withConnector = (schemas: string): string => `
import * as z from '${schemas}'
import { createMcpClient } from '@mcpclient/core'
import { bearer, defineConnector, get, tool } from '@mcpclient/core/define'

const hello = defineConnector({
  id: 'hello',
  name: 'Hello',
  baseUrl: 'https://hello.example/',
  auth: bearer(),
  tools: {
    greet: tool({
      description: 'Greets.',
      effect: 'read',
      input: z.object({ name: z.string() }),
      output: z.object({ greeting: z.string() }),
      request: ({ name }) => get('greet', { name }),
    }),
  },
})
const mcp = createMcpClient({ connectors: { hello: hello({ token: process.env.TOKEN }) } })
console.log(await mcp.as('ada').hello.call('greet', { name: 'Ada' }))
`

export const ourPrograms = {
  smallest: {
    name: 'smallest host: memory store, fetch transport; without zod',
    source: `${SMALLEST}console.log(createMcpClient(options))`,
    external: ['zod'],
    where: 'bench',
  },
  with_vault: {
    name: 'the same with /vault; without zod',
    source: `import { vault } from '@mcpclient/core/vault'${SMALLEST}console.log(createMcpClient({ ...options, vault: vault({ store: memoryStore() }) }))`,
    external: ['zod'],
    where: 'bench',
  },
  define: {
    name: '/define, only tool and get; without zod',
    source: `import { get, tool } from '@mcpclient/core/define'\nconsole.log(tool, get)`,
    external: ['zod'],
    where: 'bench',
  },
  bearer_mini: {
    name: 'host with ky and a bearer connector, zod/mini',
    source: withConnector('zod/mini'),
    where: 'bench',
  },
  bearer: { name: 'host with ky and a bearer connector, zod', source: withConnector('zod'), where: 'bench' },
} satisfies Record<string, TypicalProgram>

export const otherPrograms: readonly TypicalProgram[] = [
  { name: 'ky', source: `import ky from 'ky'\nconsole.log(await ky('https://a.example').json())`, where: 'bench' },
  {
    name: '@octokit/core',
    source: `import { Octokit } from '@octokit/core'\nconsole.log(await new Octokit().request('GET /'))`,
    where: 'peers',
  },
  {
    name: '@slack/web-api',
    source: `import { WebClient } from '@slack/web-api'\nconsole.log(await new WebClient('x').auth.test())`,
    where: 'peers',
  },
  {
    name: 'openai',
    source: `import OpenAI from 'openai'\nconsole.log(await new OpenAI().models.list())`,
    where: 'peers',
  },
  {
    name: '@modelcontextprotocol/client',
    source: `import { Client } from '@modelcontextprotocol/client'\nconsole.log(new Client({ name: 'a', version: '1' }))`,
    where: 'bench',
  },
]
