import type {
  JSONRPCMessage,
  JSONRPCResultResponse,
  MessageExtraInfo,
  RequestId,
  Transport,
  TransportSendOptions,
} from '@modelcontextprotocol/client'
import type { ConnectorError, Logger } from '@mcpclient/core'
import { withoutNulls } from '../wire/absent-members.ts'
import { repairedResult } from '../wire/repaired-result.ts'

/** The first revision without sessions and without a handshake. Revisions are dates, so they sort as text. */
const FIRST_MODERN = '2026-07-28'

interface UnderWay {
  readonly method: string
  /** Lets go of the request's own stream. */
  readonly abandon: AbortController | undefined
}

/** The `data` of an error response that comes from here, not from the server. */
export class LocalRefusal {
  readonly error: ConnectorError
  constructor(error: ConnectorError) {
    this.error = error
  }
}

export interface WatchedTransportOptions {
  readonly transport: Transport
  /** Whether a request has a stream of its own, as over HTTP, or all share one pipe. */
  readonly kind: 'http' | 'stdio'
  readonly logger: Logger
  /** What a request fails with whose stream ended before its answer came. */
  readonly brokenOff: () => ConnectorError
}

/**
 * Stands between the SDK's protocol and the wire, and does two things that neither does: a request whose stream ends
 * without a response fails at that moment instead of at its time limit, and a malformed member of a result does not cost
 * the rest of it.
 */
export class WatchedTransport implements Transport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: NonNullable<Transport['onmessage']>
  readonly hasPerRequestStream: boolean
  readonly #inner: Transport
  readonly #options: WatchedTransportOptions
  readonly #underWay = new Map<RequestId, UnderWay>()
  #modern = false
  #passing: Promise<void> | undefined

  constructor(options: WatchedTransportOptions) {
    this.#options = options
    this.#inner = options.transport
    this.hasPerRequestStream = options.kind === 'http'
    // The SDK tells a process from a server by these two, and takes silence from it for an older revision.
    if (options.kind === 'stdio') Object.assign(this, { pid: null, stderr: null })
    this.#inner.onclose = () => this.onclose?.()
    this.#inner.onerror = (error) => this.onerror?.(error)
    this.#inner.onmessage = (message, extra) => {
      this.#receive(message, extra)
    }
  }

  get sessionId(): string | undefined {
    return this.#inner.sessionId
  }

  setProtocolVersion(version: string): void {
    this.#modern = version >= FIRST_MODERN
    this.#inner.setProtocolVersion?.(version)
  }

  start(): Promise<void> {
    return this.#inner.start()
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if ('method' in message && 'id' in message) return this.#sendRequest(message, options)
    const cancelled = cancelledBy(message)
    if (cancelled === undefined) return this.#inner.send(message, options)
    const { abandon } = this.#underWay.get(cancelled) ?? {}
    this.#underWay.delete(cancelled)
    // The server learns of it first. Its answer is of no use any more, so its stream need not stay open.
    return this.#inner.send(message, options).finally(() => {
      abandon?.abort()
    })
  }

  /** Ends a request from here. Without an id nobody knows whose answer it was, and nothing happens. */
  refuse(id: RequestId | undefined, error: ConnectorError): void {
    const known = id === undefined ? undefined : this.#keyOf(id)
    if (known === undefined) return
    this.#underWay.delete(known)
    const message = {
      jsonrpc: '2.0',
      id: known,
      error: { code: 0, message: error.message, data: new LocalRefusal(error) },
    }
    this.onmessage?.(message as unknown as JSONRPCMessage)
  }

  async #sendRequest(
    message: JSONRPCMessage & { readonly id: RequestId; readonly method: string },
    options: TransportSendOptions | undefined,
  ): Promise<void> {
    const { id, method } = message
    // Whoever asks to hear of the stream's end sees to it, as subscriptions do.
    if (options?.onRequestStreamEnd !== undefined) return this.#inner.send(message, options)
    const given = options?.requestSignal
    const abandon = this.hasPerRequestStream && given === undefined ? new AbortController() : undefined
    this.#underWay.set(id, { method, abandon })
    given?.addEventListener('abort', () => this.#underWay.delete(id), { once: true })
    const requestSignal = given ?? abandon?.signal
    try {
      await this.#inner.send(message, {
        ...options,
        ...(requestSignal && { requestSignal }),
        onRequestStreamEnd: () => {
          this.refuse(id, this.#options.brokenOff())
        },
      })
    } catch (error) {
      this.#underWay.delete(id)
      throw error
    }
  }

  #receive(message: JSONRPCMessage, extra: MessageExtraInfo | undefined): void {
    if ('method' in message) {
      this.onmessage?.(withoutNullParams(message), extra)
      if (message.method === 'notifications/progress') this.#letProgressPass()
      return
    }
    const key = message.id === undefined ? undefined : this.#keyOf(message.id)
    const request = key === undefined ? undefined : this.#underWay.get(key)
    if (key === undefined || request === undefined) {
      this.#deliver(message, extra)
      return
    }
    this.#underWay.delete(key)
    this.#deliver('result' in message ? this.#repaired(message, request.method) : message, extra)
  }

  #repaired(message: JSONRPCResultResponse, method: string): JSONRPCMessage {
    const { kind, logger } = this.#options
    const { result, omitted } = repairedResult(method, message.result, { modern: this.#modern, kind })
    if (omitted.length > 0) {
      const dropped = omitted.map(({ name }) => name ?? 'one without a name')
      const reasons = omitted.map(({ reason }) => reason)
      const what = method.endsWith('/list') ? 'items of a list' : 'parts of a result'
      logger.warn({ method, dropped, reasons }, `Left out malformed ${what}.`)
    }
    return result === message.result ? message : { ...message, result }
  }

  /**
   * The SDK takes note of progress a turn later than of an answer, and drops what comes too late for that: the last
   * step of a tool whose answer came along with it. So for one turn, answers wait.
   */
  #letProgressPass(): void {
    if (this.#passing !== undefined) return
    this.#passing = Promise.resolve().then(() => {
      this.#passing = undefined
    })
  }

  #deliver(message: JSONRPCMessage, extra: MessageExtraInfo | undefined): void {
    if (this.#passing === undefined) {
      this.onmessage?.(message, extra)
      return
    }
    this.#passing
      .then(() => this.onmessage?.(message, extra))
      .catch((error: unknown) => this.onerror?.(error instanceof Error ? error : new Error(String(error))))
  }

  /** The id as it was sent: some servers give a number back as text. */
  #keyOf(id: RequestId): RequestId | undefined {
    if (this.#underWay.has(id)) return id
    return this.#underWay.has(Number(id)) ? Number(id) : undefined
  }
}

/** What a server writes to its log may well be null. */
function withoutNullParams(message: JSONRPCMessage & { readonly method: string }): JSONRPCMessage {
  if (!('params' in message)) return message
  const params = withoutNulls(message.params)
  if (params === message.params) return message
  if (message.method !== 'notifications/message') return { ...message, params }
  return { ...message, params: { level: 'info', data: null, ...params } }
}

function cancelledBy(message: JSONRPCMessage): RequestId | undefined {
  if (!('method' in message) || message.method !== 'notifications/cancelled') return undefined
  const id = message.params?.['requestId']
  return typeof id === 'string' || typeof id === 'number' ? id : undefined
}
