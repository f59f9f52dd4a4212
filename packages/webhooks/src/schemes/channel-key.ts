import type { Verifier } from '@mcpclient/core/define'
import { refused } from '../verification/verdict.ts'
import { channelIn } from './channel-secret.ts'
import { issueToken } from './channel-token.ts'

/**
 * Verifies with a key of each channel, for providers that sign with a key that the subscription names. The key is the `token` of
 * the channel, and the provider has to call `${address}/${id}`. It needs no storage: the secrets of the endpoint derive it. A
 * delivery to the address alone is verified with those secrets, and proves no channel.
 * @example
 * webhook({
 *   verify: channelKey(hmac({ header: 'acme-signature' })),
 *   read: ({ channels: [channel = ''] }) => ({ to: { channel }, event: 'changed', data: {} }),
 *   subscribe: {
 *     create: ({ id, token, address }) => post('hooks', { url: `${address}/${id}`, key: token }),
 *     created: z.object({ handle: z.string() }),
 *   },
 * })
 */
export const channelKey = (scheme: Verifier): Verifier => ({
  ...scheme,
  issueToken,
  async verify(delivery, secrets) {
    const channel = channelIn(delivery)
    if (channel === undefined) return scheme.verify(delivery, secrets)
    const [first, ...others] = await Promise.all(secrets.map((secret) => issueToken(channel, [secret])))
    if (first === undefined) return refused('secret_unusable')
    const verdict = await scheme.verify(delivery, [first, ...others])
    return verdict.verified ? { verified: true, channels: [channel] } : verdict
  },
})
