import type { Dispatcher } from 'undici'
import type { ResponseHeaders, TransportRequest, TransportResponse } from '../ports/transport.ts'
import { TransportError } from '../ports/transport.ts'
import { transportError } from '../transports/transport-failure.ts'
import { codingsIn, decoded } from './content-codings.ts'

type Controller = Dispatcher.DispatchController
type RawHeaders = Readonly<Record<string, string | string[] | undefined>>

/** Maximum number of bytes that are buffered before the body is read. Then the socket waits. */
const MAX_UNREAD_BYTES = 65_536

/**
 * One response of undici's dispatcher. undici's own `request` creates a Node stream for every response, which costs as much
 * as the rest of a call. Here, a body that is read at once is a list of chunks.
 */
export class UndiciResponse implements Dispatcher.DispatchHandler, TransportResponse {
  /** Resolves when the headers have arrived. */
  readonly started: Promise<TransportResponse>
  status = 0
  headers: ResponseHeaders = noHeaders
  readonly #request: TransportRequest
  #start: (response: TransportResponse) => void = nothing
  #fail: (reason: unknown) => void = nothing
  #controller: Controller | undefined
  #chunks: Uint8Array[] = []
  #unread = 0
  #ended = false
  #failure: unknown
  /** Called once the whole body has arrived or has failed. */
  #settle: (() => void) | undefined
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined

  constructor(request: TransportRequest) {
    this.#request = request
    this.started = new Promise((resolve, reject) => {
      this.#start = resolve
      this.#fail = reject
    })
    request.signal?.addEventListener('abort', this.#onAbort)
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller
    const { signal } = this.#request
    if (signal?.aborted) controller.abort(signal.reason as Error)
  }

  onResponseStart(_controller: Controller, status: number, headers: RawHeaders): void {
    // 1xx only announces a response.
    if (status < 200) return
    this.status = status
    this.headers = new UndiciHeaders(headers)
    this.#start(this)
  }

  onResponseData(controller: Controller, chunk: Uint8Array): void {
    // A resumed parser reports an empty chunk. Reading it would resume the parser again, endlessly.
    if (chunk.byteLength === 0) return
    if (this.#stream !== undefined) {
      this.#stream.enqueue(chunk)
      if ((this.#stream.desiredSize ?? 0) <= 0) controller.pause()
      return
    }
    this.#chunks.push(chunk)
    this.#unread += chunk.byteLength
    if (this.#unread > MAX_UNREAD_BYTES && this.#settle === undefined) controller.pause()
  }

  onResponseEnd(): void {
    this.#end()
    this.#stream?.close()
  }

  onResponseError(_controller: Controller, error: Error): void {
    if (this.#ended) return
    const { signal } = this.#request
    if (this.status === 0) this.#failure = transportError(error, this.#request)
    else this.#failure = signal?.aborted === true ? signal.reason : interrupted(error)
    this.#end()
    this.#fail(this.#failure)
    this.#stream?.error(this.#failure)
  }

  async text(): Promise<string> {
    if (this.#codings.length > 0) return decoder.decode(await this.bytes())
    const [first, second] = await this.#whole()
    if (first === undefined) return ''
    return decoder.decode(second === undefined ? first : await this.bytes())
  }

  async bytes(): Promise<Uint8Array> {
    return joined(this.#codings.length > 0 ? await collected(this.stream()) : await this.#whole())
  }

  stream(): ReadableStream<Uint8Array> {
    const codings = this.#codings
    return codings.length === 0 ? this.#encoded() : decoded(this.#encoded(), codings, interrupted)
  }

  /** The content codings of the body, in the order in which they were applied. */
  get #codings(): readonly string[] {
    const coding = this.headers.get('content-encoding')
    return coding === null || this.#request.method === 'HEAD' ? noCodings : codingsIn(coding)
  }

  #encoded(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (stream) => {
          for (const chunk of this.#chunks) stream.enqueue(chunk)
          this.#chunks = []
          if (this.#failure !== undefined) stream.error(this.#failure)
          else if (this.#ended) stream.close()
          else this.#stream = stream
        },
        pull: () => {
          this.#controller?.resume()
        },
        cancel: (reason) => {
          this.#stream = undefined
          this.#controller?.abort(reason instanceof Error ? reason : new Error('The response was not read to its end.'))
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MAX_UNREAD_BYTES }),
    )
  }

  /** Returns every chunk when the last one has arrived. */
  #whole(): Promise<readonly Uint8Array[]> {
    if (this.#ended && this.#failure === undefined) return Promise.resolve(this.#chunks)
    return new Promise((resolve, reject) => {
      this.#settle = () => {
        if (this.#failure === undefined) resolve(this.#chunks)
        else reject(this.#failure)
      }
      if (this.#ended) this.#settle()
      else if (this.#unread > MAX_UNREAD_BYTES) this.#controller?.resume()
    })
  }

  #end(): void {
    this.#ended = true
    this.#request.signal?.removeEventListener('abort', this.#onAbort)
    this.#settle?.()
  }

  #onAbort = (): void => {
    const reason = this.#request.signal?.reason as Error
    if (this.#controller === undefined) this.#fail(reason)
    else this.#controller.abort(reason)
  }
}

class UndiciHeaders implements ResponseHeaders {
  readonly #headers: RawHeaders

  constructor(headers: RawHeaders) {
    this.#headers = headers
  }

  get(name: string): string | null {
    const value = this.#headers[name]
    return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value
  }
}

async function collected(stream: ReadableStream<Uint8Array>): Promise<readonly Uint8Array[]> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((size, { byteLength }) => size + byteLength, 0))
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

const nothing = (): void => {}
const noHeaders: ResponseHeaders = { get: () => null }
const noCodings: readonly string[] = []
const decoder = new TextDecoder()

const interrupted = (cause: unknown): TransportError =>
  new TransportError('The response was interrupted.', { sent: true, cause })
