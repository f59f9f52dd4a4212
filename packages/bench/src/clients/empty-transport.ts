import type { Transport, TransportResponse } from '@mcpclient/core'

const text = JSON.stringify({ ok: true })
const answer: TransportResponse = {
  status: 200,
  headers: {
    get: (name) =>
      name === 'content-length' ? String(text.length) : name === 'content-type' ? 'application/json' : null,
  },
  text: () => Promise.resolve(text),
  bytes: () => Promise.resolve(new TextEncoder().encode(text)),
  stream: () => null,
}

/** Answers at once, without a wire: what is left is the pipeline. */
export const emptyTransport: Transport = { send: () => Promise.resolve(answer) }
