import type { Verifier } from '@mcpclient/core/define'
import { hmac } from './hmac.ts'
import * as options from './preset-options.ts'
import type { SignedContentOptions } from './signed-delivery.ts'

/** The limits of a timestamp, in milliseconds, where they differ from the default. */
export type WindowOptions = Pick<SignedContentOptions, 'maxAgeMs' | 'maxLeadMs'>

/** Verifies Asana: `X-Hook-Signature`. The secret is the `X-Hook-Secret` of the webhook. */
export const asana = (): Verifier => hmac(options.asana)

/** Verifies Calendly: `Calendly-Webhook-Signature`, three minutes old at most. The secret is the signing key. */
export const calendly = (window: WindowOptions = {}): Verifier => hmac({ ...options.calendly, ...window })

/** Verifies GitHub: `X-Hub-Signature-256`. GitHub signs neither the event nor the id of the delivery, which are headers. */
export const github = (): Verifier => hmac(options.github)

/** Verifies LinkedIn: `X-LI-Signature`, with or without its prefix. The secret is the client secret. */
export function linkedin(): Verifier {
  const bare = hmac(options.linkedin)
  const prefixed = hmac({ ...options.linkedin, prefix: 'hmacsha256=' })
  return {
    verify: (delivery, secrets) =>
      (delivery.header('x-li-signature')?.startsWith('hmacsha256=') ? prefixed : bare).verify(delivery, secrets),
  }
}

/** Verifies Meta (Facebook, Instagram, WhatsApp): `X-Hub-Signature-256`. The secret is the app secret. */
export const meta = (): Verifier => hmac(options.meta)

/** Verifies Notion: `X-Notion-Signature`. The secret is the verification token. */
export const notion = (): Verifier => hmac(options.notion)

/** Verifies Shopify: `X-Shopify-Hmac-Sha256`. The secret is the client secret. */
export const shopify = (): Verifier => hmac(options.shopify)

/** Verifies Slack: `X-Slack-Signature`, five minutes old at most. The secret is the signing secret. */
export const slack = (window: WindowOptions = {}): Verifier => hmac({ ...options.slack, ...window })

/** Verifies Stripe: `Stripe-Signature`, five minutes old at most. The secret is the endpoint's `whsec_...`. */
export const stripe = (window: WindowOptions = {}): Verifier => hmac({ ...options.stripe, ...window })
