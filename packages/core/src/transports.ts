/**
 * `@mcpclient/core/transports`: a transport over ky, and what authors of transports need. `fetchTransport` is in
 * `@mcpclient/core`, and `undiciTransport` in `@mcpclient/core/undici`.
 */
export { kyTransport } from './transports/ky-transport.ts'
export { transportError } from './transports/transport-failure.ts'
export { retryAfterMs } from './resilience/limit-headers.ts'
