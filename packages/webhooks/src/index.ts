/**
 * `@mcpclient/webhooks`: verifies webhook deliveries in a host's own handlers. Authors of connectors import
 * `@mcpclient/webhooks/schemes`.
 */
export { activeSecrets } from './active-secrets.ts'
export { verifyRequest } from './verify-request.ts'
export type { RequestRefusal, VerifiedRequest, VerifyRequestOptions } from './verify-request.ts'
