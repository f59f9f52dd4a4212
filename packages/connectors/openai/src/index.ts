/** `@mcpclient/openai`: OpenAI's models: chat completions, responses and embeddings, and `chat` as at other providers. */
export { openai, openaiChat } from './openai.ts'
export type { OpenAIChatTypes, OpenAITypes } from './openai.ts'
