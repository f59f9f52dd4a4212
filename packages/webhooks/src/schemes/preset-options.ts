import type { HmacOptions } from './hmac.ts'

// What the schemes of providers and the requests of tests share. Each is a value of its own, so that a bundle holds only
// those that it uses.

export const asana: HmacOptions = { header: 'x-hook-signature' }
export const github: HmacOptions = { header: 'x-hub-signature-256', prefix: 'sha256=' }
export const jira: HmacOptions = { header: 'x-hub-signature', prefix: 'sha256=' }
export const linkedin: HmacOptions = { header: 'x-li-signature', content: 'hmacsha256={body}' }
export const meta: HmacOptions = { header: 'x-hub-signature-256', prefix: 'sha256=' }
export const notion: HmacOptions = { header: 'x-notion-signature', prefix: 'sha256=' }
export const shopify: HmacOptions = { header: 'x-shopify-hmac-sha256', encoding: 'base64' }

const inHeader = (header: string): HmacOptions => ({
  header,
  separator: ',',
  prefix: 'v1=',
  timestamp: { prefix: 't=', unit: 's' },
  content: '{timestamp}.{body}',
})
export const calendly: HmacOptions = { ...inHeader('calendly-webhook-signature'), maxAgeMs: 180_000 }
export const stripe: HmacOptions = inHeader('stripe-signature')

export const slack: HmacOptions = {
  header: 'x-slack-signature',
  prefix: 'v0=',
  timestamp: { header: 'x-slack-request-timestamp', unit: 's' },
  content: 'v0:{timestamp}:{body}',
}

/** @param headers the start of the three header names */
export const standardWebhooks = (headers: string) =>
  ({
    header: `${headers}-signature`,
    separator: ' ',
    content: '{id}.{timestamp}.{body}',
    timestamp: { header: `${headers}-timestamp`, unit: 's' },
    idHeader: `${headers}-id`,
    prefix: 'v1,',
    encoding: 'base64',
    secretPrefix: 'whsec_',
    secretEncoding: 'base64',
  }) as const satisfies HmacOptions
