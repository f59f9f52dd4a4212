/** `@mcpclient/shapes/chat`: one shape of a conversation with a language model, for all providers. */
export { chatCost } from './chat-cost.ts'
export type { ChatPrices } from './chat-cost.ts'
export { ChatMessage, ChatRequest, ChatToolDefinition } from './chat-request.ts'
export { ChatPart, ChatResponse, ChatToolCall, ChatUsage, StopReason } from './chat-response.ts'
export { chatTool, completes, conversationPreview, modelOf, streamChatTool } from './chat-tools.ts'
export type { ChatSettings, ModelRequest } from './chat-tools.ts'
export { collectChat, parseToolInput } from './collect-chat.ts'
