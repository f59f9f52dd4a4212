import type { Verifier } from '@mcpclient/core/define'
import { hmac } from './hmac.ts'
import type { WindowOptions } from './presets.ts'

/** The escapes that HubSpot decodes before it signs a URL. */
const DECODED_ESCAPES = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi

/**
 * Verifies HubSpot: `X-HubSpot-Signature-v3`, five minutes old at most. The secret is the client secret. Signatures v1 and
 * v2, which come beside it, are hashes that can be extended, and have no timestamp.
 */
export const hubspot = (window: WindowOptions = {}): Verifier =>
  hmac({
    header: 'x-hubspot-signature-v3',
    encoding: 'base64',
    timestamp: { header: 'x-hubspot-request-timestamp', unit: 'ms' },
    content: '{method}{url}{body}{timestamp}',
    signedUrl: (url) => url.replaceAll(DECODED_ESCAPES, (escape) => decodeURIComponent(escape)),
    ...window,
  })
