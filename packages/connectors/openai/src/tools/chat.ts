import { eventStream, post } from '@mcpclient/core/define'
import { chatTool, streamChatTool } from '@mcpclient/shapes/chat'
import { CommonPart, CommonResponse, completionOf } from '../chat.ts'
import type { Context } from '../settings.ts'

/** Source: https://platform.openai.com/docs/api-reference/chat/streaming */
export const completionStream = eventStream({
  item: ({ data }): unknown => JSON.parse(data),
  end: ({ data }) => data === '[DONE]',
})

/** Without it, a stream does not report its tokens. */
export const streaming = { stream: true, stream_options: { include_usage: true } }

export const chat = {
  chat: chatTool({
    output: CommonResponse,
    request: (input, _context: Context) => post('chat/completions', completionOf(input)),
  }),
  stream_chat: streamChatTool({
    output: CommonPart,
    request: (input, _context: Context) => post('chat/completions', { ...completionOf(input), ...streaming }),
    stream: completionStream,
  }),
}
