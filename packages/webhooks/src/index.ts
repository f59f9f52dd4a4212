/**
 * `@mcpclient/webhooks`: receives webhooks, verified over their raw bytes, and subscribes to them. Authors of connectors
 * import `@mcpclient/webhooks/schemes`.
 */
export { webhooks } from './webhooks.ts'
export type { SubscriptionStatus, SubscriptionTarget, WebhookDiagnosis, Webhooks, WebhooksOptions } from './webhooks.ts'
export type { WebhookEvent, WebhookHandler } from './dispatcher.ts'
export type { ParkedDelivery } from './parking.ts'
export type { Sightings } from './sightings.ts'

// For a host's own handlers.
export { activeSecrets } from './active-secrets.ts'
export { verifyRequest } from './verify-request.ts'
export type { RequestRefusal, VerifiedRequest, VerifyRequestOptions } from './verify-request.ts'
