import type { Transport, TransportResponse } from '@mcpclient/core'

const text = JSON.stringify({ ok: true })
const response: TransportResponse = {
  status: 200,
  headers: {
    get: (name) =>
      name === 'content-length' ? String(text.length) : name === 'content-type' ? 'application/json' : null,
  },
  text: () => Promise.resolve(text),
  bytes: () => Promise.resolve(new TextEncoder().encode(text)),
  stream: () => null,
}

/** A transport that responds immediately without a network, to measure the pipeline alone. */
export const emptyTransport: Transport = { send: () => Promise.resolve(response) }
