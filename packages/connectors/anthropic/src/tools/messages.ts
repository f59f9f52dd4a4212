import { eventStream, post, tool } from '@mcpclient/core/define'
import { completes, conversationPreview, modelOf } from '@mcpclient/shapes/chat'
import * as z from 'zod'
import { Counted, MessageInput, refuseSampling } from '../inputs.ts'
import { eventOf, isEnd, Message, MessageEvent } from '../message.ts'
import type { Context } from '../settings.ts'

const shared = { ...completes, input: MessageInput, preview: conversationPreview }

function bodyOf(input: z.output<typeof MessageInput>, context: Context) {
  refuseSampling(input, context)
  const { settings } = context
  return { ...input, model: modelOf(input, settings), max_tokens: input.max_tokens ?? settings.maxTokens }
}

export const messages = {
  create_message: tool({
    description:
      "Send a conversation to a model with Anthropic's own parameters. chat does the same in the form that all providers share.",
    ...shared,
    output: Message,
    request: (input, context: Context) => post('messages', bodyOf(input, context)),
  }),
  stream_message: tool({
    description: 'Like create_message, in events as the model writes.',
    ...shared,
    output: MessageEvent,
    request: (input, context: Context) => post('messages', { ...bodyOf(input, context), stream: true }),
    stream: eventStream({ item: eventOf, end: isEnd }),
  }),
  count_tokens: tool({
    description: 'Count the tokens of a conversation, without sending it to a model. It is free.',
    effect: 'read',
    input: Counted,
    output: z.object({ input_tokens: z.number() }),
    request: (input, { settings }: Context) =>
      post('messages/count_tokens', { ...input, model: modelOf(input, settings) }),
  }),
}
