import type { Verifier } from '@mcpclient/core/define'
import { refused } from '../verification/verdict.ts'

/** A token of QStash has about 400 characters, and the address. */
const MAX_JWT_LENGTH = 8192
const TOLERANCE_S = 60

/**
 * Verifies the `Upstash-Signature` of QStash, for schedules and messages: a token over the address and a digest of the body.
 * Secrets are the signing keys, the current and the next one (https://upstash.com/docs/qstash/howto/signature).
 * @param options.clockToleranceS seconds that the clocks may differ @default 60
 */
export const qstash = ({
  clockToleranceS = TOLERANCE_S,
}: { readonly clockToleranceS?: number | undefined } = {}): Verifier => ({
  async verify(delivery, secrets) {
    const token = delivery.header('upstash-signature')
    if (token === undefined) return refused('token_missing')
    if (token.length > MAX_JWT_LENGTH || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return refused('token_malformed')
    const { verifyQstashToken } = await import('./qstash-token.ts')
    return verifyQstashToken(token, delivery, secrets, clockToleranceS)
  },
})
