import type { Reply } from '@mcpclient/core'
import { contentTypeOf } from '../../transports/scripted-answer.ts'
import type { ScriptedAnswer } from '../../transports/scripted-answer.ts'

/** The body of a scripted answer as a tool would get it. */
export const bodyOf = ({ json, text, bytes }: ScriptedAnswer): unknown => json ?? text ?? bytes

/** A scripted answer as an author's own functions see it, with the content type that the transport adds. */
export function withPlainHeaders(answer: ScriptedAnswer): Reply {
  const type = contentTypeOf(answer)
  const headers = new Map<string, string>(type === undefined ? [] : [['content-type', type]])
  for (const [name, value] of Object.entries(answer.headers ?? {})) {
    headers.set(name.toLowerCase(), typeof value === 'string' ? value : value.join(', '))
  }
  return {
    status: answer.status ?? 200,
    headers: { get: (name) => headers.get(name) ?? null },
    body: bodyOf(answer),
  }
}
