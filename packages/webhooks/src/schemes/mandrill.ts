import type { Verifier } from '@mcpclient/core/define'
import { readForm } from '../verification/form.ts'
import { refused } from '../verification/verdict.ts'
import { verifyUrlSignature } from './url-signature.ts'

/**
 * Verifies Mandrill: `X-Mandrill-Signature` over the public URL and the fields, sorted by name. The secret is the key of
 * the webhook. Mandrill signs no timestamp: recognize repeated events by their `_id`.
 */
export const mandrill = (): Verifier => ({
  async verify(delivery, secrets) {
    const fields = readForm(delivery.bytes)
    if (fields === undefined) return refused('body_malformed')
    const sorted = fields.toSorted(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
    return verifyUrlSignature(
      delivery.header('x-mandrill-signature'),
      [delivery.url + sorted.flat().join('')],
      secrets,
      'SHA-1',
    )
  },
})
