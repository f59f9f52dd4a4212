import { listAll, storeKey } from '@mcpclient/core'
import type { ConnectorError, ErrorCode, Clock, Store } from '@mcpclient/core'
import type { Notice, Secrets } from '@mcpclient/core/define'
import { decode, toBase64 } from './verification/decoding.ts'

/** A delivery that could not be handled. */
export interface ParkedDelivery {
  /** The argument of `replay` and `discard`. */
  readonly id: string
  readonly serverId: string
  /** The time at which it was parked, in milliseconds since 1970. */
  readonly at: number
  /** The error of the connector's `read`, or of the last attempt of a handler. */
  readonly code: ErrorCode
  readonly message: string
  /** The name of the event; undefined if the delivery cannot be read. */
  readonly event: string | undefined
}

/** The content of a parked delivery: a notice, or the request that cannot be read. */
export type ParkedContent = { readonly noticeId: string; readonly notice: Notice } | ParkedRequest

interface ParkedRequest {
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
  /** The channels whose tokens it carried. */
  readonly channels?: readonly string[] | undefined
  /** The address of the connection that it came to. */
  readonly address?: string | undefined
}

interface Row extends Omit<ParkedDelivery, 'id'> {
  readonly content: ParkedContent
}

/** Parked deliveries are kept for this time. */
const KEPT_MS = 30 * 86_400_000
/** Headers that may prove a delivery, or identify its sender. */
const PRIVATE_HEADER = /auth|cookie|secret|signature|token|hmac|api-?key/i
/** A body above this size does not fit in a row. */
const MAX_BODY = 1_000_000

/** Keeps deliveries that could not be handled, until the host replays or discards them. */
export class Parking {
  readonly #store: Store
  readonly #clock: Clock

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** @returns the id of the parked delivery */
  async park(
    serverId: string,
    digest: string,
    content: ParkedContent,
    { code, message }: Pick<ConnectorError, 'code' | 'message'>,
  ): Promise<string> {
    const event = 'notice' in content ? content.notice.event : undefined
    const row: Row = { serverId, at: this.#clock.now(), code, message, event, content }
    const id = storeKey(serverId, digest)
    await this.#store.put(rowKey(id), JSON.stringify(row), { ttlMs: KEPT_MS })
    return id
  }

  async *list(): AsyncGenerator<ParkedDelivery> {
    for await (const { key, value } of listAll(this.#store, rowKey(''))) {
      const { content: _content, event, ...row } = JSON.parse(value) as Row
      yield { id: key.slice(rowKey('').length), ...row, event }
    }
  }

  async read(id: string): Promise<Row | undefined> {
    const stored = await this.#store.get(rowKey(id))
    return stored && (JSON.parse(stored.value) as Row)
  }

  /** Removes a parked delivery. Returns false if there was none. */
  remove(id: string): Promise<boolean> {
    return this.#store.delete(rowKey(id))
  }
}

const rowKey = (id: string): string => `hook/parked/${id}`

/**
 * Returns the content of a request that cannot be read, without what proves it.
 * @param secrets any header that contains one of them is left out
 * @param proven the channels whose tokens it carried, and the address of a connection that it came to
 */
export function requestContent(
  headers: Headers,
  body: Uint8Array,
  secrets: Secrets,
  proven: Pick<ParkedRequest, 'channels' | 'address'>,
): ParkedContent {
  const isPrivate = (name: string, value: string): boolean =>
    PRIVATE_HEADER.test(name) || secrets.some((secret) => value.includes(secret))
  return {
    headers: [...headers].filter(([name, value]) => !isPrivate(name, value)),
    body: body.length > MAX_BODY ? '' : toBase64(body),
    ...proven,
  }
}

export const bodyOf = (body: string): Uint8Array<ArrayBuffer> => decode(body, 'base64') ?? new Uint8Array()
