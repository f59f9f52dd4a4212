import type { ResponseHeaders, TransportResponse } from '@mcpclient/core'
import { createResponse } from './response.ts'
import type { BodyChunks } from './response.ts'

/** A response of a provider. Give at most one of `json`, `text`, `bytes` and `events`; none makes an empty body. */
export interface ScriptedResponse {
  /** HTTP status; default 200 */
  readonly status?: number | undefined
  /** Names in any case; a list for a header that comes more than once. The content type follows from the body. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined
  readonly json?: unknown
  readonly text?: string | undefined
  readonly bytes?: Uint8Array | undefined
  /** Server-sent events, one chunk each. An async source is read as it comes, until the request is aborted. */
  readonly events?: Iterable<ScriptedEvent> | AsyncIterable<ScriptedEvent> | undefined
}

/** One server-sent event; text alone is its data. Data that is not text is sent as JSON. */
export type ScriptedEvent =
  | string
  | {
      readonly event?: string | undefined
      readonly id?: string | undefined
      /** milliseconds */
      readonly retry?: number | undefined
      readonly data?: unknown
    }

/** Makes the response of a scripted response. */
export function respond(response: ScriptedResponse, signal?: AbortSignal): TransportResponse {
  const { status = 200 } = response
  if (!Number.isInteger(status) || status < 100 || status > 599) throw new Error(`There is no HTTP status ${status}.`)
  const type = contentTypeOf(response)
  const chunks = bodyOf(response)
  const headers = headersOf({ ...(type === undefined ? {} : { 'content-type': type }), ...response.headers })
  return createResponse({ status, headers, chunks }, signal)
}

/** Returns the content type for the kind of body, or undefined for an empty one. */
export function contentTypeOf({ json, text, bytes, events }: ScriptedResponse): string | undefined {
  if (json !== undefined) return 'application/json; charset=utf-8'
  if (text !== undefined) return 'text/plain; charset=utf-8'
  if (bytes !== undefined) return 'application/octet-stream'
  return events === undefined ? undefined : 'text/event-stream'
}

function bodyOf({ json, text, bytes, events }: ScriptedResponse): BodyChunks | undefined {
  const given = Object.entries({ json, text, bytes, events }).filter(([, body]) => body !== undefined)
  if (given.length > 1) {
    throw new Error(`A response has one body, but this one has ${given.map(([name]) => name).join(' and ')}.`)
  }
  const encoder = new TextEncoder()
  if (json !== undefined) return [encoder.encode(JSON.stringify(json))]
  if (text !== undefined) return [encoder.encode(text)]
  if (bytes !== undefined) return [bytes]
  return events && mapped(events, (event) => encoder.encode(wire(event)))
}

async function* mapped<From, To>(source: Iterable<From> | AsyncIterable<From>, map: (item: From) => To) {
  for await (const item of source) yield map(item)
}

/** Formats one server-sent event (WHATWG HTML, section 9.2.6). */
function wire(event: ScriptedEvent): string {
  const { event: type, id, retry, data } = typeof event === 'string' ? { data: event } : event
  const text = data === undefined || typeof data === 'string' ? data : JSON.stringify(data)
  const lines = [
    ...(type === undefined ? [] : [`event: ${type}`]),
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(retry === undefined ? [] : [`retry: ${retry}`]),
    ...(text?.split('\n').map((line) => `data: ${line}`) ?? []),
  ]
  return `${lines.join('\n')}\n\n`
}

function headersOf(given: NonNullable<ScriptedResponse['headers']>): ResponseHeaders {
  const headers = new Map(
    Object.entries(given).map(([name, value]) => [
      name.toLowerCase(),
      typeof value === 'string' ? value : value.join(', '),
    ]),
  )
  return {
    get(name) {
      if (name !== name.toLowerCase()) throw new Error(`Ask for the header "${name}" by its lower-case name.`)
      return headers.get(name) ?? null
    },
  }
}
