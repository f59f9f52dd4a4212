import { post, tool } from '@mcpclient/core/define'
import { COMPLETION_LOST, MODEL_TIMEOUT_MS, modelOf } from '@mcpclient/shapes/chat'
import { Chunk, Completion } from '../completion.ts'
import { CompletionInput } from '../inputs.ts'
import type { Context } from '../settings.ts'
import { completionStream, streaming } from './chat.ts'

const completes = {
  effect: 'write',
  input: CompletionInput,
  timeoutMs: MODEL_TIMEOUT_MS,
  reconcile: COMPLETION_LOST,
  undo: 'impossible',
} as const

/** Source: https://platform.openai.com/docs/api-reference/chat/create */
export const completions = {
  create_chat_completion: tool({
    description:
      "Send a conversation to a model with OpenAI's own parameters. chat does the same in the form that all providers share.",
    ...completes,
    output: Completion,
    request: (input, { settings }: Context) => post('chat/completions', { ...input, model: modelOf(input, settings) }),
    preview: ({ messages }) => `Send ${messages.length} messages to a model of OpenAI.`,
  }),
  stream_chat_completion: tool({
    description: 'Like create_chat_completion, in parts as the model writes them.',
    ...completes,
    output: Chunk,
    request: (input, { settings }: Context) =>
      post('chat/completions', { ...input, model: modelOf(input, settings), ...streaming }),
    stream: completionStream,
    preview: ({ messages }) => `Send ${messages.length} messages to a model of OpenAI.`,
  }),
}
