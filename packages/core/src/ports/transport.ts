/** One HTTP request, ready to go: absolute URL, credential attached, body encoded. */
export interface TransportRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer> | FormData | undefined
  readonly signal?: AbortSignal | undefined
  /**
   * An outsider named the host, so a connection to a private address must be refused: a name may resolve to one. Honoured by
   * `undiciTransport`; `fetch` does not tell where it connects to.
   */
  readonly guardAddresses?: boolean | undefined
}

export interface TransportResponse {
  readonly status: number
  readonly headers: ResponseHeaders
  /** The whole body as text. Read one of `text`, `bytes`, `stream`, once. */
  text(): Promise<string>
  bytes(): Promise<Uint8Array>
  stream(): ReadableStream<Uint8Array> | null
}

export interface ResponseHeaders {
  /** The value of a header by its lower-case name; several of one name are joined by `, `. */
  get(name: string): string | null
}

/**
 * What carries a request to the provider. It follows no redirect, retries nothing and has no timeout of its own: the
 * pipeline does that, and knows more. It rejects when no answer came; every HTTP status is an answer.
 */
export interface Transport {
  send(request: TransportRequest): Promise<TransportResponse>
  /** Loads what the first request would have to load. */
  prewarm?(): Promise<void>
  close?(): Promise<void>
}

/** Why a request was never sent. */
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
 * `sent: false` proves that the provider never saw it, so even a write may be repeated. A `reason` tells the pipeline
 * whether repeating can help. Every other rejection is treated as "may have been sent".
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

/** A request as it is about to leave, shown to the strategy that signs it. */
export interface SignableRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer> | FormData | undefined
}

/** What a signature adds. Nothing of the request can be taken away or redirected. */
export interface Signature {
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
}

/** Attaches a credential to a request. The credential itself stays inside, so that nothing on the way can print it. */
export type Sign = (request: SignableRequest) => Signature | Promise<Signature>
