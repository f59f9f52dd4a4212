import type { Reply } from '@mcpclient/core'
import type { ScriptedAnswer } from '../scripted-answer.ts'

/** The body of a scripted answer as a tool would get it. */
export const bodyOf = ({ json, text, bytes }: ScriptedAnswer): unknown => json ?? text ?? bytes

/** A scripted answer as an author's own functions see it. */
export function withPlainHeaders(answer: ScriptedAnswer): Reply {
  const headers = new Map(
    Object.entries(answer.headers ?? {}).map(([name, value]) => [
      name.toLowerCase(),
      typeof value === 'string' ? value : value.join(', '),
    ]),
  )
  return {
    status: answer.status ?? 200,
    headers: { get: (name) => headers.get(name) ?? null },
    body: bodyOf(answer),
  }
}
