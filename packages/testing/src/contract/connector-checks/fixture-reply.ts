import type { Reply } from '@mcpclient/core'
import { contentTypeOf } from '../../transports/scripted-response.ts'
import type { ScriptedResponse } from '../../transports/scripted-response.ts'

/** Returns the body of a scripted response as a tool receives it. */
export const bodyOf = ({ json, text, bytes }: ScriptedResponse): unknown => json ?? text ?? bytes

/** Returns a scripted response as an author's functions receive it, with the content type that the transport adds. */
export function withPlainHeaders(response: ScriptedResponse): Reply {
  const type = contentTypeOf(response)
  const headers = new Map<string, string>(type === undefined ? [] : [['content-type', type]])
  for (const [name, value] of Object.entries(response.headers ?? {})) {
    headers.set(name.toLowerCase(), typeof value === 'string' ? value : value.join(', '))
  }
  return {
    status: response.status ?? 200,
    headers: { get: (name) => headers.get(name) ?? null },
    body: bodyOf(response),
  }
}
