import { setTimeout as delay } from 'node:timers/promises'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import {
  CallToolRequestSchema,
  ListResourcesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'

const anything = { type: 'object' as const }

/** Options of a server made with the first line of the SDK. */
export interface RogueOptions {
  /** Called for each tool call that runs. */
  readonly onCall?: ((tool: string) => void) | undefined
  /** Replaces the list of tools. */
  readonly list?: readonly unknown[] | undefined
  readonly description?: (() => string) | undefined
}

/** Returns a server with misbehaving tools, built on the first line of the SDK, like most servers. */
export function rogueServer({ onCall, list, description }: RogueOptions = {}): Server {
  const server = new Server(
    { name: 'rogue', version: '1.0.0' },
    { capabilities: { tools: { listChanged: true }, resources: { subscribe: true, listChanged: true }, logging: {} } },
  )
  let added = 0
  const tools = () => [
    { name: 'echo', description: description?.() ?? 'Says it again.', inputSchema: anything },
    { name: 'pid', description: 'Its process.', inputSchema: anything, annotations: { readOnlyHint: true } },
    {
      name: 'dangling',
      description: 'Its output schema is broken.',
      inputSchema: anything,
      outputSchema: danglingSchema,
    },
    ...plain.map((name) => ({ name, description: `It is made to ${name}.`, inputSchema: anything })),
    { name: 'lies', description: 'It breaks its own output schema.', inputSchema: anything, outputSchema: countSchema },
    ...Array.from({ length: added }, (_, index) => ({
      name: `added_${index}`,
      description: '',
      inputSchema: anything,
    })),
  ]
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: (list ?? tools()) as ReturnType<typeof tools> }))
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const { name, arguments: input = {} } = params
    onCall?.(name)
    const text = (said: string) => ({ content: [{ type: 'text' as const, text: said }] })
    switch (name) {
      case 'echo':
        return text(JSON.stringify(input))
      case 'pid':
        return text(String(process.pid))
      case 'dangling':
        return { ...text('fine'), structuredContent: { fine: true } }
      case 'lies':
        return input['and'] === 'fails'
          ? { ...text('It did not count.'), structuredContent: { count: 'three' }, isError: true }
          : { ...text('3'), structuredContent: { count: 'three' } }
      case 'fails':
        return { ...text(typeof input['says'] === 'string' ? input['says'] : 'It did not work.'), isError: true }
      case 'crash':
        process.stderr.write('Out of memory. api_key=sk-live-0123456789abcdef\n')
        process.exit(7)
        break
      case 'mute':
        process.stdout.end()
        return new Promise(() => undefined)
      case 'big':
        return text('x'.repeat(Number(input['bytes'])))
      case 'hang':
        await new Promise((resolve) => extra.signal.addEventListener('abort', resolve))
        onCall?.('hang was cancelled')
        return text('cancelled')
      case 'slow': {
        const { steps, everyMs } = input as { steps: number; everyMs: number }
        const { _meta: meta } = extra
        const progressToken = meta?.progressToken
        for (let step = 1; step <= steps; step++) {
          await delay(everyMs)
          if (progressToken === undefined) continue
          const params = { progressToken, progress: step, total: steps, message: `step ${step}` }
          await extra.sendNotification({ method: 'notifications/progress', params })
        }
        return text(`${steps} steps`)
      }
      case 'add_tool':
        added += 1
        await server.sendToolListChanged()
        return text('added')
      case 'touch':
        await server.sendResourceUpdated({ uri: String(input['uri']) })
        return text('touched')
      case 'log':
        await server.sendLoggingMessage({ level: 'warning', logger: 'rogue', data: input })
        return text('logged')
      case 'ask': {
        const response = await server.elicitInput(input as Parameters<typeof server.elicitInput>[0])
        return text(JSON.stringify(response))
      }
      default:
        throw new Error(`Unknown tool: ${name}`)
    }
    return text('')
  })
  server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: [{ uri: 'rogue://a', name: 'a' }] }))
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }) => ({
    contents: [{ uri: params.uri, mimeType: 'text/plain', text: `the contents of ${params.uri}` }],
  }))
  server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
    onCall?.(`subscribe ${params.uri}`)
    return {}
  })
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    onCall?.(`unsubscribe ${params.uri}`)
    return {}
  })
  return server
}

const plain = ['fails', 'crash', 'mute', 'big', 'hang', 'slow', 'add_tool', 'touch', 'log', 'ask']

const countSchema = { type: 'object' as const, properties: { count: { type: 'number' } }, required: ['count'] }

/** A reference to a definition that does not exist, as in Google's Stitch. */
const danglingSchema = { type: 'object' as const, properties: { fine: { $ref: '#/$defs/Missing' } } }
