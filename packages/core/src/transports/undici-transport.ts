import { Agent, buildConnector } from 'undici'
import type { Dispatcher } from 'undici'
import type { Transport } from '../ports/transport.ts'
import { TransportError } from '../ports/transport.ts'
import { addressKind } from './address-guard.ts'
import { UndiciAnswer } from './undici-answer.ts'

/**
 * undici's own connection pools, without the layers that `fetch` puts on top: about half its cost for each call.
 * Node only, and `undici` is the host's to install.
 * @param options.connections sockets to one origin at most; unlimited unless said otherwise
 * @param options.keepAliveMs how long an idle socket is kept, in milliseconds; 4,000 unless said otherwise
 * @param options.dispatcher an agent or proxy of the host's own, which it also closes
 */
export function undiciTransport(
  options: {
    readonly connections?: number
    readonly keepAliveMs?: number
    readonly dispatcher?: Dispatcher
  } = {},
): Transport {
  const limits = {
    ...(options.connections !== undefined && { connections: options.connections }),
    ...(options.keepAliveMs !== undefined && { keepAliveTimeout: options.keepAliveMs }),
    // The pipeline has its own limits; a stream may be quiet for long.
    headersTimeout: 0,
    bodyTimeout: 0,
  }
  const agent = options.dispatcher ?? new Agent(limits)
  let guarded: Dispatcher | undefined
  /** A dispatcher of the host's own may be a proxy, and then the address is the proxy's. */
  const guardedAgent = () => (guarded ??= options.dispatcher ?? new Agent({ ...limits, connect: refusePrivate() }))
  return {
    async send(request) {
      const { url, body } = request
      const authority = url.indexOf('//') + 2
      const split = authority + url.slice(authority).search(/[/?]|$/)
      // Asked in this order, since merely naming `FormData` loads Node's own HTTP client.
      const form = typeof body === 'object' && !(body instanceof Uint8Array) ? await encoded(body) : undefined
      const answer = new UndiciAnswer(request.signal)
      const dispatcher = request.guardAddresses === true ? guardedAgent() : agent
      dispatcher.dispatch(
        {
          origin: url.slice(0, split),
          path: url[split] === '/' ? url.slice(split) : `/${url.slice(split)}`,
          method: request.method,
          headers: form === undefined ? request.headers : { ...request.headers, 'content-type': form.type },
          body: form === undefined ? ((body as string | Uint8Array | undefined) ?? null) : form.bytes,
        },
        answer,
      )
      return answer.started
    },
    async close() {
      if (options.dispatcher !== undefined) return
      await Promise.all([agent.close(), guarded?.close()])
    },
  }
}

/** Connects, and refuses a peer with a private address before anything is sent, whatever its name resolved to. */
function refusePrivate(): buildConnector.connector {
  const connect = buildConnector({})
  return (target, done) => {
    connect(target, (...result) => {
      const [error, socket] = result
      if (error !== null) {
        done(error, null)
        return
      }
      const kind = addressKind(socket.remoteAddress ?? '')
      if (kind === undefined) {
        done(null, socket)
        return
      }
      socket.destroy()
      done(new TransportError(`The host has a ${kind} address.`, { sent: false }), null)
    })
  }
}

/** Only `fetch` writes multipart bodies by itself. */
async function encoded(body: FormData) {
  const response = new Response(body)
  return { bytes: new Uint8Array(await response.arrayBuffer()), type: response.headers.get('content-type') ?? '' }
}
