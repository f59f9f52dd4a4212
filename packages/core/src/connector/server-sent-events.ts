/** The limits of a stream while it is read. */
export interface StreamLimits {
  /** Time limit for the next chunk, in milliseconds. It runs only while a consumer waits. @default the request timeout */
  readonly idleTimeoutMs?: number | undefined
  /** Maximum number of decoded bytes of the whole stream. @default maxResponseBytes of the client */
  readonly maxBytes?: number | undefined
}

/** One event of a `text/event-stream` (WHATWG HTML, "Server-sent events"). */
export interface ServerSentEvent {
  /** The type of the event. @default 'message' */
  readonly event: string
  readonly data: string
  readonly id?: string | undefined
}

/** The functions with which a streaming tool reads its stream. Pure. */
export interface StreamReading extends StreamLimits {
  /**
   * Returns the item of an event, which the output schema then parses. Undefined skips the event. For an event that reports
   * an error, return its body: the connector's `errors` read items like responses.
   */
  item(event: ServerSentEvent): unknown
  /**
   * Returns true for the event that ends the stream before the connection does, such as `[DONE]`. A stream that closes
   * without it is a failure.
   */
  end?(event: ServerSentEvent): boolean
  /** Returns true for the event whose item is the last one. A stream that closes without it is a failure. */
  last?(event: ServerSentEvent): boolean
  /** Maximum number of characters of one event, and of one line. @default 1_048_576 */
  readonly maxEventLength?: number | undefined
}

/**
 * Describes a stream of server-sent events, for `stream` of a tool.
 * @param reading.item returns the item of an event; undefined skips the event
 * @param reading.end returns true for the event that ends the stream before the connection does
 * @param reading.last returns true for the event whose item is the last one
 * @param reading.idleTimeoutMs time limit for the next chunk. @default the request timeout
 * @param reading.maxBytes maximum number of bytes of the whole stream. @default maxResponseBytes of the client
 * @param reading.maxEventLength maximum number of characters of one event. @default 1_048_576
 */
export const eventStream = (reading: StreamReading): StreamReading => reading
