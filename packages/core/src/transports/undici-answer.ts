import type { Dispatcher } from 'undici'
import type { ResponseHeaders, TransportResponse } from '../ports/transport.ts'
import { TransportError } from '../ports/transport.ts'
import { transportError } from './fetch-transport.ts'

type Controller = Dispatcher.DispatchController
type RawHeaders = Readonly<Record<string, string | string[] | undefined>>

/** Bytes that are taken in before somebody reads; the socket waits after that. */
const MOST_UNREAD = 65_536

/**
 * One answer, as undici's dispatcher tells of it. undici's own `request` makes a Node stream of every answer, which
 * costs as much as all the rest of a call; here an answer that is read whole is a list of chunks.
 */
export class UndiciAnswer implements Dispatcher.DispatchHandler, TransportResponse {
  /** Resolves when the headers have come. */
  readonly started: Promise<TransportResponse>
  status = 0
  headers: ResponseHeaders = noHeaders
  readonly #signal: AbortSignal | undefined
  #start: (answer: TransportResponse) => void = nothing
  #fail: (reason: unknown) => void = nothing
  #controller: Controller | undefined
  #chunks: Uint8Array[] = []
  #unread = 0
  #ended = false
  #failure: unknown
  /** Told when the whole answer is there, or will not come. */
  #settle: (() => void) | undefined
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal
    this.started = new Promise((resolve, reject) => {
      this.#start = resolve
      this.#fail = reject
    })
    signal?.addEventListener('abort', this.#onAbort)
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller
    if (this.#signal?.aborted) controller.abort(this.#signal.reason as Error)
  }

  onResponseStart(_controller: Controller, status: number, headers: RawHeaders): void {
    // 1xx only announces an answer.
    if (status < 200) return
    this.status = status
    this.headers = new UndiciHeaders(headers)
    this.#start(this)
  }

  onResponseData(controller: Controller, chunk: Uint8Array): void {
    if (this.#stream !== undefined) {
      this.#stream.enqueue(chunk)
      if ((this.#stream.desiredSize ?? 0) <= 0) controller.pause()
      return
    }
    this.#chunks.push(chunk)
    this.#unread += chunk.byteLength
    if (this.#unread > MOST_UNREAD && this.#settle === undefined) controller.pause()
  }

  onResponseEnd(): void {
    this.#end()
    this.#stream?.close()
  }

  onResponseError(_controller: Controller, error: Error): void {
    if (this.#ended) return
    this.#failure = this.status === 0 ? transportError(error) : brokenOff(error)
    this.#end()
    this.#fail(this.#failure)
    this.#stream?.error(this.#failure)
  }

  async text(): Promise<string> {
    const [first, second] = await this.#whole()
    if (first === undefined) return ''
    return decoder.decode(second === undefined ? first : await this.bytes())
  }

  async bytes(): Promise<Uint8Array> {
    const chunks = await this.#whole()
    const bytes = new Uint8Array(this.#unread)
    let at = 0
    for (const chunk of chunks) {
      bytes.set(chunk, at)
      at += chunk.byteLength
    }
    return bytes
  }

  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
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
        this.#controller?.abort(reason instanceof Error ? reason : new Error('The answer was left.'))
      },
    })
  }

  /** Every chunk, when the last one is there. */
  #whole(): Promise<readonly Uint8Array[]> {
    if (this.#ended && this.#failure === undefined) return Promise.resolve(this.#chunks)
    return new Promise((resolve, reject) => {
      this.#settle = () => {
        if (this.#failure === undefined) resolve(this.#chunks)
        else reject(this.#failure)
      }
      if (this.#ended) this.#settle()
      else if (this.#unread > MOST_UNREAD) this.#controller?.resume()
    })
  }

  #end(): void {
    this.#ended = true
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#settle?.()
  }

  #onAbort = (): void => {
    const reason = this.#signal?.reason as Error
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

const nothing = (): void => {}
const noHeaders: ResponseHeaders = { get: () => null }
const decoder = new TextDecoder()

const brokenOff = (cause: unknown): TransportError => new TransportError('The answer broke off.', { sent: true, cause })
