import { apiKey, defineConnector, get } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { errors } from './errors.ts'
import { Settings } from './settings.ts'
import type { Context } from './settings.ts'
import { chat } from './tools/chat.ts'
import { completions } from './tools/completions.ts'
import { embeddings } from './tools/embeddings.ts'
import { models } from './tools/models.ts'
import { responses } from './tools/responses.ts'

const service = {
  name: 'OpenAI',
  description: "OpenAI's models: chat, responses and embeddings.",
  docs: 'https://platform.openai.com/docs/api-reference',
  baseUrl: 'https://api.openai.com/v1/',
  auth: apiKey({ header: 'Authorization', prefix: 'Bearer ' }),
  settings: Settings,
  headers: ({ settings }: Context) => ({
    'openai-organization': settings.organization,
    'openai-project': settings.project,
  }),
  errors,
  limitHeaders: { reset: 'duration' },
  check: { request: get('models') },
} as const

const definition = defineConnector({
  id: 'openai',
  ...service,
  tools: { ...chat, ...completions, ...responses, ...embeddings, ...models },
})
const chatOnly = defineConnector({ id: 'openai-chat', ...service, tools: chat })

/** The tools, settings and credential of OpenAI, under one name for editors. */
export interface OpenAITypes extends TypesOfFactory<typeof definition> {}
/** The types of `openaiChat`, under one name for editors. */
export interface OpenAIChatTypes extends TypesOfFactory<typeof chatOnly> {}

/**
 * Connects to OpenAI's API with a key of the app, or of each tenant.
 *
 * @example
 * const mcp = createMcpClient({ connectors: { openai: openai({ apiKey: env.OPENAI_API_KEY, model: 'gpt-5.4-mini' }) } })
 * const { text } = await mcp.as('ada').openai.call('chat', { messages: [{ role: 'user', content: 'Hi!' }] })
 */
export const openai: NamedFactory<typeof definition, OpenAITypes> = definition

/** Connects to OpenAI's API like `openai`, with the tools that other providers have as well: `chat` and `stream_chat`. */
export const openaiChat: NamedFactory<typeof chatOnly, OpenAIChatTypes> = chatOnly
