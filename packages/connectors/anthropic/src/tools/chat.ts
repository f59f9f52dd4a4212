import { eventStream, post } from '@mcpclient/core/define'
import { chatTool, streamChatTool } from '@mcpclient/shapes/chat'
import { bodyOf, CommonPart, CommonResponse, newsOf } from '../chat.ts'
import { isEnd } from '../message.ts'
import type { Context } from '../settings.ts'

export const chat = {
  chat: chatTool({
    output: CommonResponse,
    request: (input, context: Context) => post('messages', bodyOf(input, context)),
  }),
  stream_chat: streamChatTool({
    output: CommonPart,
    request: (input, context: Context) => post('messages', { ...bodyOf(input, context), stream: true }),
    stream: eventStream({ item: newsOf, end: isEnd }),
  }),
}
