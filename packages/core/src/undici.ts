/** `@mcpclient/core/undici`: the transport for Node that is cheaper than `fetch`. */
export { undiciTransport } from './undici/undici-transport.ts'
