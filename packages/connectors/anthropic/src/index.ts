/** `@mcpclient/anthropic`: the models of Anthropic's Messages API, and `chat` as at other providers. */
export { anthropic, anthropicChat } from './anthropic.ts'
export type { AnthropicChatTypes, AnthropicTypes } from './anthropic.ts'
