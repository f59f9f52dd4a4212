/**
 * `@mcpclient/webhooks/schemes`: how providers sign their deliveries, as values for authors of connectors.
 */
// Providers.
export { asana, calendly, github, linkedin, meta, notion, shopify, slack, stripe } from './schemes/presets.ts'
export type { WindowOptions } from './schemes/presets.ts'
export { clientState, googleChannel } from './schemes/channel-token.ts'
export { googlePush } from './schemes/oidc-push.ts'
export { hubspot } from './schemes/hubspot.ts'
export { jira } from './schemes/jira.ts'
export { mandrill } from './schemes/mandrill.ts'
export { qstash } from './schemes/qstash.ts'
export { sendgrid } from './schemes/ecdsa.ts'
export { twilio } from './schemes/twilio.ts'
export type { TwilioOptions } from './schemes/twilio.ts'

// Kinds of schemes.
export { channelKey } from './schemes/channel-key.ts'
export { channelSecret } from './schemes/channel-secret.ts'
export { channelOf, channelToken } from './schemes/channel-token.ts'
export type { ChannelTokenOptions } from './schemes/channel-token.ts'
export { ecdsa } from './schemes/ecdsa.ts'
export { hmac } from './schemes/hmac.ts'
export type { HmacOptions } from './schemes/hmac.ts'
export { oidcPush } from './schemes/oidc-push.ts'
export type { OidcPushOptions } from './schemes/oidc-push.ts'
export { pathSecret, sharedToken } from './schemes/shared-token.ts'
export type { SharedTokenPlace } from './schemes/shared-token.ts'
export type { SignedContentOptions } from './schemes/signed-delivery.ts'
export { standardWebhooks } from './schemes/standard-webhooks.ts'
export type { StandardWebhooksOptions } from './schemes/standard-webhooks.ts'
