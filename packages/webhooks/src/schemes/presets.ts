import type { Verifier } from '@mcpclient/core/define'
import { hmac } from './hmac.ts'
import type { SignedContentOptions } from './signed-delivery.ts'

/** The limits of a timestamp, in milliseconds, where they differ from the default. */
export type WindowOptions = Pick<SignedContentOptions, 'maxAgeMs' | 'maxLeadMs'>

/** Verifies Asana: `X-Hook-Signature`. The secret is the `X-Hook-Secret` of the webhook. */
export const asana = (): Verifier => hmac({ header: 'x-hook-signature' })

/** Verifies Calendly: `Calendly-Webhook-Signature`, three minutes old at most. The secret is the signing key. */
export const calendly = (window: WindowOptions = {}): Verifier =>
  hmac({
    header: 'calendly-webhook-signature',
    separator: ',',
    prefix: 'v1=',
    timestamp: { prefix: 't=', unit: 's' },
    content: '{timestamp}.{body}',
    maxAgeMs: 180_000,
    ...window,
  })

/** Verifies GitHub: `X-Hub-Signature-256`. GitHub signs neither the event nor the id of the delivery, which are headers. */
export const github = (): Verifier => hmac({ header: 'x-hub-signature-256', prefix: 'sha256=' })

/** Verifies Jira Cloud: `X-Hub-Signature`, which holds SHA-256. */
export const jira = (): Verifier => hmac({ header: 'x-hub-signature', prefix: 'sha256=' })

/** Verifies LinkedIn: `X-LI-Signature`, with or without its prefix. The secret is the client secret. */
export function linkedin(): Verifier {
  const bare = hmac({ header: 'x-li-signature', content: 'hmacsha256={body}' })
  const prefixed = hmac({ header: 'x-li-signature', content: 'hmacsha256={body}', prefix: 'hmacsha256=' })
  return {
    verify: (delivery, secrets) =>
      (delivery.header('x-li-signature')?.startsWith('hmacsha256=') ? prefixed : bare).verify(delivery, secrets),
  }
}

/** Verifies Meta (Facebook, Instagram, WhatsApp): `X-Hub-Signature-256`. The secret is the app secret. */
export const meta = (): Verifier => hmac({ header: 'x-hub-signature-256', prefix: 'sha256=' })

/** Verifies Notion: `X-Notion-Signature`. The secret is the verification token. */
export const notion = (): Verifier => hmac({ header: 'x-notion-signature', prefix: 'sha256=' })

/** Verifies Shopify: `X-Shopify-Hmac-Sha256`. The secret is the client secret. */
export const shopify = (): Verifier => hmac({ header: 'x-shopify-hmac-sha256', encoding: 'base64' })

/** Verifies Slack: `X-Slack-Signature`, five minutes old at most. The secret is the signing secret. */
export const slack = (window: WindowOptions = {}): Verifier =>
  hmac({
    header: 'x-slack-signature',
    prefix: 'v0=',
    timestamp: { header: 'x-slack-request-timestamp', unit: 's' },
    content: 'v0:{timestamp}:{body}',
    ...window,
  })

/** Verifies Stripe: `Stripe-Signature`, five minutes old at most. The secret is the endpoint's `whsec_...`. */
export const stripe = (window: WindowOptions = {}): Verifier =>
  hmac({
    header: 'stripe-signature',
    separator: ',',
    prefix: 'v1=',
    timestamp: { prefix: 't=', unit: 's' },
    content: '{timestamp}.{body}',
    ...window,
  })
