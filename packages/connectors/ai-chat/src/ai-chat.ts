import { anthropicChat } from '@mcpclient/anthropic'
import { ConnectorError } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { openaiChat } from '@mcpclient/openai'

/** The providers. Each has its own limits, errors and settings; the tools are the same. */
const providers = { openai: openaiChat, anthropic: anthropicChat }

type Providers = typeof providers
export type AiChatProvider = keyof Providers

/** The provider and the options of its connector, such as `apiKey`, `model` and `baseUrl`. */
export type AiChatOptions = {
  readonly [P in AiChatProvider]: { readonly provider: P } & NonNullable<Parameters<Providers[P]>[0]>
}[AiChatProvider]

/** The types of the connector, which are the same for each provider, under one name for editors. */
export interface AiChatTypes extends Omit<TypesOfFactory<typeof openaiChat>, 'settings'> {
  readonly settings: { readonly model?: string | undefined }
}
type Composed = ReturnType<NamedFactory<typeof openaiChat, AiChatTypes>>

/**
 * Chats with a model of the provider of the options. The tools, their input and their output are the same for each.
 *
 * @example
 * const ai = aiChat({ provider: 'anthropic', apiKey: env.AI_KEY, model: 'claude-sonnet-5-5' })
 * const mcp = createMcpClient({ connectors: { ai } })
 * const { text } = await mcp.as('ada').ai.call('chat', { messages: [{ role: 'user', content: 'Hi!' }] })
 *
 * @throws ConnectorError `CONFIGURATION_ERROR` for an unknown provider
 */
export const aiChat = Object.assign(
  (options?: AiChatOptions): Composed => {
    const { provider, ...rest }: Partial<AiChatOptions> = options ?? {}
    if (provider === undefined || !Object.hasOwn(providers, provider)) {
      throw new ConnectorError('CONFIGURATION_ERROR', `There is no provider of models "${provider ?? ''}".`, {
        hint: 'Name one as `provider`.',
        choices: Object.keys(providers),
      })
    }
    // The options belong to this provider, which checks them; a union of functions takes no union of arguments.
    const compose = providers[provider] as (options: object) => Composed
    return compose(rest)
  },
  { type: 'ai-chat' },
)
