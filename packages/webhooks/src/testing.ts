/**
 * `@mcpclient/webhooks/testing`: deliveries that are signed like those of providers, for tests of hosts and connectors.
 */
export { signedRequest } from './signed-request.ts'
export type { SignedRequestOptions, SigningScheme } from './signed-request.ts'
