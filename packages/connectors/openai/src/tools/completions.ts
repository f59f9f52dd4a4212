import { post, tool } from '@mcpclient/core/define'
import { completes, conversationPreview, modelOf } from '@mcpclient/shapes/chat'
import { Chunk, Completion } from '../completion.ts'
import { CompletionInput } from '../inputs.ts'
import type { Context } from '../settings.ts'
import { completionStream, streaming } from './chat.ts'

const shared = { ...completes, input: CompletionInput, preview: conversationPreview }

/** Source: https://platform.openai.com/docs/api-reference/chat/create */
export const completions = {
  create_chat_completion: tool({
    description:
      "Send a conversation to a model with OpenAI's own parameters. chat does the same in the form that all providers share.",
    ...shared,
    output: Completion,
    request: (input, { settings }: Context) => post('chat/completions', { ...input, model: modelOf(input, settings) }),
  }),
  stream_chat_completion: tool({
    description: 'Like create_chat_completion, in parts as the model writes them.',
    ...shared,
    output: Chunk,
    request: (input, { settings }: Context) =>
      post('chat/completions', { ...input, model: modelOf(input, settings), ...streaming }),
    stream: completionStream,
  }),
}
