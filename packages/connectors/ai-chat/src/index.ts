/** `@mcpclient/ai-chat`: one chat with the models of OpenAI and Anthropic. */
export { aiChat } from './ai-chat.ts'
export type { AiChatOptions, AiChatProvider, AiChatTypes } from './ai-chat.ts'
export { anthropicChat } from '@mcpclient/anthropic'
export { openaiChat } from '@mcpclient/openai'
