import { apiKey, defineConnector, get } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { errors } from './errors.ts'
import { Settings } from './settings.ts'
import type { Context } from './settings.ts'
import { chat } from './tools/chat.ts'
import { messages } from './tools/messages.ts'
import { models } from './tools/models.ts'

const service = {
  name: 'Anthropic',
  description: "Anthropic's models: chat and messages.",
  docs: 'https://platform.claude.com/docs/en/api/overview',
  baseUrl: 'https://api.anthropic.com/v1/',
  auth: apiKey({ header: 'x-api-key' }),
  settings: Settings,
  headers: ({ settings: { version, beta } }: Context) => ({
    'anthropic-version': version,
    'anthropic-beta': beta?.join(','),
  }),
  errors,
  limitHeaders: { reset: 'date' },
  check: { request: get('models', { limit: 1 }) },
} as const

const definition = defineConnector({ id: 'anthropic', ...service, tools: { ...chat, ...messages, ...models } })
const chatOnly = defineConnector({ id: 'anthropic-chat', ...service, tools: chat })

/** The tools, settings and credential of Anthropic, under one name for editors. */
export interface AnthropicTypes extends TypesOfFactory<typeof definition> {}
/** The types of `anthropicChat`, under one name for editors. */
export interface AnthropicChatTypes extends TypesOfFactory<typeof chatOnly> {}

/**
 * Connects to Anthropic's API with a key of the app, or of each tenant.
 *
 * @example
 * const mcp = createMcpClient({ connectors: { anthropic: anthropic({ apiKey: env.ANTHROPIC_API_KEY, model: 'claude-sonnet-5-5' }) } })
 * const { text } = await mcp.as('ada').anthropic.call('chat', { messages: [{ role: 'user', content: 'Hi!' }] })
 */
export const anthropic: NamedFactory<typeof definition, AnthropicTypes> = definition

/** Connects to Anthropic's API like `anthropic`, with the tools that other providers have as well: `chat` and `stream_chat`. */
export const anthropicChat: NamedFactory<typeof chatOnly, AnthropicChatTypes> = chatOnly
