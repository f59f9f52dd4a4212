import { eventStream, post, tool } from '@mcpclient/core/define'
import { completes, modelOf } from '@mcpclient/shapes/chat'
import { ResponseInput } from '../inputs.ts'
import { eventOf, isLast, Response, ResponseEvent } from '../response.ts'
import type { Context } from '../settings.ts'

const shared = { ...completes, input: ResponseInput, preview: () => 'Send a text to a model of OpenAI.' }

/** Source: https://platform.openai.com/docs/api-reference/responses/create */
export const responses = {
  create_response: tool({
    description:
      'Create a response of a model with the responses API, which also runs tools of OpenAI and continues stored conversations.',
    ...shared,
    output: Response,
    request: (input, { settings }: Context) => post('responses', { ...input, model: modelOf(input, settings) }),
  }),
  stream_response: tool({
    description: 'Like create_response, in events as the model writes.',
    ...shared,
    output: ResponseEvent,
    request: (input, { settings }: Context) =>
      post('responses', { ...input, model: modelOf(input, settings), stream: true }),
    stream: eventStream({ item: eventOf, last: isLast }),
  }),
}
