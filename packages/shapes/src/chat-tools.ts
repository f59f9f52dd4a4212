import { ConnectorError, tool } from '@mcpclient/core/define'
import type { RequestSpec, Schema, StreamReading, ToolContext } from '@mcpclient/core/define'
import { ChatRequest } from './chat-request.ts'
import type { ChatPart, ChatResponse } from './chat-response.ts'

/** The setting that every connector to models has. */
export interface ChatSettings {
  /** The model of a request that names none. */
  readonly model?: string | undefined
}

/** A request with the model that runs it. */
export type ModelRequest = ChatRequest & { readonly model: string }

/**
 * The members that all tools that run a model share. Such a tool is a write, because it is charged. The vendors' own clients
 * allow 10 minutes for a response.
 */
export const completes = {
  effect: 'write',
  timeoutMs: 600_000,
  reconcile: 'Call it again if it may be charged twice: nothing else has changed.',
  undo: 'impossible',
} as const

/**
 * Returns the model of a request.
 * @throws ConnectorError INVALID_INPUT if neither the input nor the settings name one
 */
export function modelOf(input: { readonly model?: string | undefined }, settings: ChatSettings): string {
  const model = input.model ?? settings.model
  if (model !== undefined) return model
  throw new ConnectorError('INVALID_INPUT', 'No model was named, and the connector was composed without one.', {
    hint: 'Pass model, or compose the connector with the setting `model`.',
    issues: [{ path: 'model', message: 'Required here.' }],
  })
}

/** Returns the preview of a tool that sends a conversation: `Send 2 messages to gpt-5.4-mini.` */
export const conversationPreview = (
  { messages, model }: { readonly messages: readonly unknown[]; readonly model?: string | undefined },
  { settings }: ToolContext<ChatSettings>,
): string =>
  `Send ${messages.length} ${messages.length === 1 ? 'message' : 'messages'} to ${model ?? settings.model ?? 'a model'}.`

const examples: readonly { readonly input: ChatRequest }[] = [
  { input: { messages: [{ role: 'user', content: 'Which birds nest in reed?' }], maxTokens: 500 } },
]

const shared = { ...completes, input: ChatRequest, preview: conversationPreview, examples }

/**
 * Describes `chat`, the same for every provider.
 * @param provider.output reads the provider's response
 * @param provider.request builds the provider's request
 */
export const chatTool = <Out extends Schema<ChatResponse>, Settings extends ChatSettings>(provider: {
  readonly output: Out
  readonly request: (input: ModelRequest, context: ToolContext<Settings>) => RequestSpec
}) =>
  tool<typeof ChatRequest, Out, 'write', Settings>({
    ...shared,
    description:
      'Send a conversation to a language model, and get its response. The calls of tools that the model asks for are returned, ' +
      'and not executed.',
    output: provider.output,
    request: (input, context) => provider.request({ ...input, model: modelOf(input, context.settings) }, context),
  })

/**
 * Describes `stream_chat`, the same for every provider.
 * @param provider.output reads one event of the provider
 * @param provider.request builds the provider's request
 * @param provider.stream describes the provider's stream
 */
export const streamChatTool = <Out extends Schema<ChatPart>, Settings extends ChatSettings>(provider: {
  readonly output: Out
  readonly request: (input: ModelRequest, context: ToolContext<Settings>) => RequestSpec
  readonly stream: StreamReading
}) =>
  tool<typeof ChatRequest, Out, 'write', Settings, undefined, StreamReading>({
    ...shared,
    description:
      'Send a conversation to a language model, and get its response in parts, as the model writes it. The calls of tools that ' +
      'the model asks for are returned, and not executed.',
    output: provider.output,
    request: (input, context) => provider.request({ ...input, model: modelOf(input, context.settings) }, context),
    stream: provider.stream,
  })
