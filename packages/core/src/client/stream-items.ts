import type { Reply } from '../connector/reply.ts'
import { serverSentEvents } from '../connector/parse-events.ts'
import type { StreamReading } from '../connector/server-sent-events.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Call } from '../pipeline/call.ts'
import type { StreamReply } from '../pipeline/send.ts'
import { parseResponse, unknownOutcome } from './parse-response.ts'

/**
 * Yields the items of a stream, parsed by the tool's output schema.
 * @param reply the response to the request of a streaming tool
 */
export async function* streamItems(call: Call, stream: StreamReading, reply: Reply): AsyncGenerator<unknown> {
  try {
    yield* readItems(call, stream, reply as StreamReply)
  } catch (error) {
    ;(reply as StreamReply).failed(error)
    throw error
  }
}

async function* readItems(call: Call, stream: StreamReading, reply: StreamReply): AsyncGenerator<unknown> {
  // A response without content (204) has no body.
  const body = reply.body instanceof ReadableStream ? (reply.body as ReadableStream<Uint8Array>) : emptyStream()
  for await (const event of asConnectorErrors(serverSentEvents(body, stream.maxEventLength), call)) {
    let item: unknown
    try {
      if (stream.end?.(event)) return
      item = stream.item(event)
    } catch (error) {
      throw new ConnectorError(
        'DATA_TRANSFORMATION_ERROR',
        `${call.serverId} sent an event that ${call.toolName} cannot read.`,
        unknownOutcome(call),
        { cause: error },
      )
    }
    if (item === undefined) continue
    // The provider has processed a part of the request, even if its errors prove otherwise for a response.
    const failure = reply.failureOf(item)?.with(unknownOutcome(call))
    if (failure !== undefined) throw failure
    yield parseResponse(call.tool.output, item, call)
    if (stream.last?.(event)) return
  }
  if (stream.end === undefined && stream.last === undefined) return
  throw new ConnectorError('MCP_CONNECTION_ERROR', `${call.serverId} closed its stream before the end.`, {
    reason: 'stream_unfinished',
    ...(call.tool.effect === 'read' && { hint: 'Try again, or use the items that arrived as a part.' }),
    ...unknownOutcome(call),
  })
}

const emptyStream = () =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      controller.close()
    },
  })

/** Yields the items of a stream. Rethrows a failure to read it as a `ConnectorError`. */
async function* asConnectorErrors<Item>(items: AsyncIterable<Item>, call: Call): AsyncGenerator<Item> {
  try {
    yield* items
  } catch (error) {
    if (ConnectorError.is(error)) throw call.tool.effect === 'read' ? error : error.with(unknownOutcome(call))
    throw new ConnectorError(
      'MCP_CONNECTION_ERROR',
      `The stream of ${call.serverId} was interrupted.`,
      unknownOutcome(call),
      {
        cause: error,
      },
    )
  }
}
