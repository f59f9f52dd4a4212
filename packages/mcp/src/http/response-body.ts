import type { RequestId } from '@modelcontextprotocol/client'
import { ConnectorError } from '@mcpclient/core'
import { repairMessage } from '../wire/repair-message.ts'
import { isMarkup, MAX_REFUSAL_BYTES } from '../failures/server-words.ts'

/** Reads the beginning of a body as text. Never rejects. */
export async function textOf(response: Response, maxBytes: number = MAX_REFUSAL_BYTES): Promise<string> {
  const reader = response.body?.getReader()
  if (reader === undefined) return ''
  const decoder = new TextDecoder()
  let text = ''
  try {
    for (let size = 0; size < maxBytes;) {
      const { done, value } = await reader.read()
      if (done) return text + decoder.decode()
      size += value.byteLength
      text += decoder.decode(value, { stream: true })
    }
  } catch {
    // The status is valid even if the body breaks off.
  }
  await reader.cancel().catch(() => undefined)
  return text
}

/** Discards a body, so that its connection can be used again. */
export const discard = async ({ body }: Response): Promise<void> => {
  await body?.cancel().catch(() => undefined)
}

/** Returns the JSON-RPC request in a body. Parses the body again, so it is for rare cases only. */
export function requestIn(body: RequestInit['body']): { readonly id?: RequestId; readonly method?: string } {
  if (typeof body !== 'string') return {}
  const message = JSON.parse(body) as { readonly id?: RequestId; readonly method?: string }
  return Array.isArray(message) ? {} : message
}

/** Returns whether a media type is one of MCP's. */
export function isReadable(contentType: string | null): boolean {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  return type === 'application/json' || type === 'text/event-stream'
}

/**
 * Returns the response with the media type of JSON. Some servers and proxies send JSON under another type.
 * @throws ConnectorError DATA_TRANSFORMATION_ERROR if the body is not JSON, which a retry does not change
 */
export async function asJson(response: Response, serverId: string): Promise<Response> {
  const { status, headers } = response
  const text = await response.text()
  if (isJsonObject(text)) {
    return new Response(text, { status, headers: { ...keptHeaders(headers), 'content-type': 'application/json' } })
  }
  const type = headers.get('content-type')?.split(';', 1)[0]?.slice(0, 100)
  const what = text.trim() === '' ? 'nothing' : isMarkup(text) ? 'a web page (HTML)' : `text (${type ?? 'untyped'})`
  throw new ConnectorError('DATA_TRANSFORMATION_ERROR', `${serverId} returned ${status} with ${what} instead of MCP.`, {
    status,
    reason: 'not_mcp',
    hint: 'Check that the url is the MCP endpoint, and that no login page or proxy is in front of it.',
  })
}

/** Returns the headers that still apply to a body that was read. */
const keptHeaders = (headers: Headers): Record<string, string> => {
  const session = headers.get('mcp-session-id')
  return session === null ? {} : { 'mcp-session-id': session }
}

function isJsonObject(text: string): boolean {
  if (!/^\s*[[{]/u.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * Repairs the message in a response, and adds the request's id to an error without one. A server that could not read the
 * request has no id to return, and the request would wait for its time limit.
 */
export function withRequestId(response: Response, body: RequestInit['body']): Response {
  const read = response.json.bind(response)
  const json = async (): Promise<unknown> => {
    const message = repairMessage(await read())
    if (typeof message !== 'object' || message === null || !('error' in message)) return message
    const hasId = 'id' in message && message.id !== null && message.id !== undefined
    return hasId ? message : { ...message, id: requestIn(body).id }
  }
  // Defined and not assigned: @hono/node-server replaces the global Response by one whose methods are read-only.
  return Object.defineProperty(response, 'json', { value: json, configurable: true })
}
