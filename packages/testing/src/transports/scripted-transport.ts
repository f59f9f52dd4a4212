import { untilAborted } from '@mcpclient/core'
import type { Transport } from '@mcpclient/core'
import { recordRequest } from './recorded-request.ts'
import type { RecordedRequest } from './recorded-request.ts'
import { respond } from './scripted-response.ts'
import type { ScriptedResponse } from './scripted-response.ts'

/** The reply to one request: a response, or an error that the transport rejects with. */
export type ScriptedReply = ScriptedResponse | Error

/** Makes the reply out of the request. A promise that never settles is a provider that hangs. */
export type Responder = (request: RecordedRequest, index: number) => ScriptedReply | Promise<ScriptedReply>

export interface ScriptedTransport extends Transport {
  /** Every request so far, the oldest first. */
  readonly requests: readonly RecordedRequest[]
  /** Throws unless the script was used up exactly: no response left over, and no request without one. */
  verify(): void
}

/**
 * Returns a transport that replies from a script and records its requests: no network, no waiting.
 *
 * @example
 * const transport = scriptedTransport([{ status: 503 }, { json: { ok: true } }])
 * // ... a call through it ...
 * expect(transport.requests).toMatchObject([{ method: 'POST', path: '/api/chat.postMessage', json: { text: 'Hi' } }, {}])
 *
 * @param script replies, one a request in their order; or one function for all requests. A reply may be a function, too.
 */
export function scriptedTransport(script: Responder | readonly (ScriptedReply | Responder)[]): ScriptedTransport {
  const requests: RecordedRequest[] = []
  let refused: Error | undefined

  const replyTo = (request: RecordedRequest, index: number): ScriptedReply | Promise<ScriptedReply> => {
    if (typeof script === 'function') return script(request, index)
    const reply = script[index]
    if (reply !== undefined) return typeof reply === 'function' ? reply(request, index) : reply
    const { method, url } = request
    const asked = `Request ${index + 1} (${method} ${url})`
    refused ??= new Error(
      `${asked} has no response: the script holds ${script.length}. Add one, or remove the request.`,
    )
    throw refused
  }

  return {
    requests,
    async send(request) {
      request.signal?.throwIfAborted()
      const recorded = recordRequest(request)
      requests.push(recorded)
      const reply = replyTo(recorded, requests.length - 1)
      const settled = reply instanceof Promise ? await untilAborted(reply, request.signal) : reply
      if (settled instanceof Error) throw settled
      return respond(settled, request.signal)
    },
    verify() {
      // The sender may have treated this error as a network failure and hidden it.
      if (refused !== undefined) throw refused
      const left = typeof script === 'function' ? 0 : script.length - requests.length
      if (left > 0) throw new Error(`${left} of the ${script.length} scripted responses were never used.`)
    },
  }
}
