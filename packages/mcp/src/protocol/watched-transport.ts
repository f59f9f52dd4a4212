import type {
  JSONRPCMessage,
  JSONRPCResultResponse,
  MessageExtraInfo,
  RequestId,
  Transport,
  TransportSendOptions,
} from '@modelcontextprotocol/client'
import type { ConnectorError, Logger } from '@mcpclient/core'
import { LocalRefusal } from '../failures/sdk-failure.ts'
import { withoutNulls } from '../wire/absent-members.ts'
import { repairResult } from '../wire/repair-result.ts'

/** The first revision without sessions and without a handshake. Revisions are dates, so they sort as strings. */
const FIRST_MODERN = '2026-07-28'

interface PendingRequest {
  readonly method: string
  /** Closes the request's own stream. */
  readonly abandon: AbortController | undefined
}

export interface WatchedTransportOptions {
  readonly transport: Transport
  /** Over HTTP each request has a stream of its own; over stdio all share one pipe. */
  readonly kind: 'http' | 'stdio'
  readonly logger: Logger
  /** Creates the error of a request whose stream ended before its response. */
  readonly brokenOff: () => ConnectorError
}

/**
 * A transport between the SDK's protocol and the wire that adds two things. A request whose stream ends without a
 * response fails at that moment instead of at its time limit. A malformed member of a result does not cost the rest.
 */
export class WatchedTransport implements Transport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: NonNullable<Transport['onmessage']>
  readonly hasPerRequestStream: boolean
  readonly #inner: Transport
  readonly #options: WatchedTransportOptions
  readonly #pending = new Map<RequestId, PendingRequest>()
  #modern = false
  #progressTurn: Promise<void> | undefined

  constructor(options: WatchedTransportOptions) {
    this.#options = options
    this.#inner = options.transport
    this.hasPerRequestStream = options.kind === 'http'
    // The SDK recognizes a process by these two. If a process does not respond to the probe, it assumes a legacy one.
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
    const { abandon } = this.#pending.get(cancelled) ?? {}
    this.#pending.delete(cancelled)
    // The server is notified first. Its response is not needed anymore, so the stream need not stay open.
    return this.#inner.send(message, options).finally(() => {
      abandon?.abort()
    })
  }

  /** Rejects a request on this side. Does nothing without an id, because the request is unknown then. */
  refuse(id: RequestId | undefined, error: ConnectorError): void {
    const known = id === undefined ? undefined : this.#keyOf(id)
    if (known === undefined) return
    this.#pending.delete(known)
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
    // Subscriptions handle the end of their stream themselves.
    if (options?.onRequestStreamEnd !== undefined) return this.#inner.send(message, options)
    const given = options?.requestSignal
    const abandon = this.hasPerRequestStream && given === undefined ? new AbortController() : undefined
    this.#pending.set(id, { method, abandon })
    given?.addEventListener('abort', () => this.#pending.delete(id), { once: true })
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
      this.#pending.delete(id)
      throw error
    }
  }

  #receive(message: JSONRPCMessage, extra: MessageExtraInfo | undefined): void {
    if ('method' in message) {
      this.onmessage?.(withoutNullParams(message), extra)
      if (message.method === 'notifications/progress') this.#delayResponses()
      return
    }
    const key = message.id === undefined ? undefined : this.#keyOf(message.id)
    const request = key === undefined ? undefined : this.#pending.get(key)
    if (key === undefined || request === undefined) {
      this.#deliver(message, extra)
      return
    }
    this.#pending.delete(key)
    this.#deliver('result' in message ? this.#repaired(message, request.method) : message, extra)
  }

  #repaired(message: JSONRPCResultResponse, method: string): JSONRPCMessage {
    const { kind, logger } = this.#options
    const { result, omitted } = repairResult(method, message.result, { modern: this.#modern, kind })
    if (omitted.length > 0) {
      const dropped = omitted.map(({ name }) => name ?? 'one without a name')
      const reasons = omitted.map(({ reason }) => reason)
      const what = method.endsWith('/list') ? 'items of a list' : 'parts of a result'
      logger.warn({ method, dropped, reasons }, `Dropped malformed ${what}.`)
    }
    return result === message.result ? message : { ...message, result }
  }

  /**
   * Delays responses by one turn. The SDK handles progress a turn later than a response, and drops progress that arrives
   * after its response: the last step of a tool whose response came along with it.
   */
  #delayResponses(): void {
    if (this.#progressTurn !== undefined) return
    this.#progressTurn = Promise.resolve().then(() => {
      this.#progressTurn = undefined
    })
  }

  #deliver(message: JSONRPCMessage, extra: MessageExtraInfo | undefined): void {
    if (this.#progressTurn === undefined) {
      this.onmessage?.(message, extra)
      return
    }
    this.#progressTurn
      .then(() => this.onmessage?.(message, extra))
      .catch((error: unknown) => this.onerror?.(error instanceof Error ? error : new Error(String(error))))
  }

  /** Returns the id as it was sent: some servers return a number as a string. */
  #keyOf(id: RequestId): RequestId | undefined {
    if (this.#pending.has(id)) return id
    return this.#pending.has(Number(id)) ? Number(id) : undefined
  }
}

/** Removes null members, except from the data of a log line, which may be null. */
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
