/** `@mcpclient/core/undici`: a transport for Node at about half the cost of `fetch`. */
export { undiciTransport } from './undici/undici-transport.ts'
