/** Returns the smallest useful host with its own connector, for the size of its bundle. */
const ours = (schemas: string): string => `
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

export interface Program {
  readonly name: string
  readonly source: string
  /** The owner of the `node_modules` for the build. */
  readonly where: 'bench' | 'peers'
}

export const programs: readonly Program[] = [
  { name: 'ours + ky + a connector, zod/mini', source: ours('zod/mini'), where: 'bench' },
  { name: 'ours + ky + a connector, zod', source: ours('zod'), where: 'bench' },
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
