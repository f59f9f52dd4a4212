/** An HTTP request, ready to send: absolute URL, credential attached, body encoded. */
export interface TransportRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer> | FormData | undefined
  readonly signal?: AbortSignal | undefined
  /**
   * True if a user or a server named the host. The transport must then reject private addresses to which the name resolves.
   * Only `undiciTransport` supports it, because `fetch` does not reveal the address.
   */
  readonly guardAddresses?: boolean | undefined
}

export interface TransportResponse {
  readonly status: number
  readonly headers: ResponseHeaders
  /** Reads the whole body as text. Call one of `text`, `bytes` and `stream`, once. */
  text(): Promise<string>
  bytes(): Promise<Uint8Array>
  stream(): ReadableStream<Uint8Array> | null
}

export interface ResponseHeaders {
  /** Returns a header by its lower-case name. Several of one name are joined by `, `. */
  get(name: string): string | null
}

/**
 * Sends requests to the provider. A transport follows no redirects, does not retry, and has no timeout: the pipeline does
 * that. It resolves for every HTTP status, and rejects if no response arrived.
 */
export interface Transport {
  send(request: TransportRequest): Promise<TransportResponse>
  /** Loads the modules that the first request needs. */
  prewarm?(): Promise<void>
  close?(): Promise<void>
}

/** The reason why a request was never sent. */
export type TransportFailureReason =
  /** The URL, the method or a header cannot be written as HTTP. */
  | 'invalid_request'
  /** `fetch` does not connect to this port (WHATWG Fetch, "bad port"). */
  | 'blocked_port'
  | 'unsupported_scheme'
  /** The host name could not be resolved. */
  | 'name_not_found'
  | 'refused'
  | 'unreachable'
  | 'connect_timeout'
  /** The server's certificate was not accepted. */
  | 'certificate'
  /** The TLS handshake failed for another reason. */
  | 'tls'

/**
 * Thrown by a transport that knows how far the request got.
 *
 * `sent: false` proves that the provider never received it, so even a write can be retried. From `reason` the pipeline
 * decides whether a retry can succeed. After any other rejection, the request may have been sent.
 */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly sent: boolean
  readonly reason: TransportFailureReason | undefined
  constructor(
    message: string,
    options: {
      readonly sent: boolean
      readonly reason?: TransportFailureReason | undefined
      readonly cause?: unknown
    },
  ) {
    super(message, { cause: options.cause })
    this.sent = options.sent
    this.reason = options.reason
  }
}

/** The request that a strategy signs. */
export interface SignableRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer> | FormData | undefined
}

/** The parts that a signature adds to a request. It cannot remove or redirect anything. */
export interface Signature {
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  /** Members of the JSON body, which has to be an object. */
  readonly members?: Readonly<Record<string, string>>
}

/** Signs a request. The credential stays inside the function, so that nothing can print it. */
export type Sign = (request: SignableRequest) => Signature | Promise<Signature>
