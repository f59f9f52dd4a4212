import type { Verifier } from '@mcpclient/core/define'

/** The id of a channel, a UUID, as the last segment of a path. */
const CHANNEL = /\/([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/

/**
 * Verifies with a secret of each channel, which the provider chooses and `created` of the subscription reads. The provider has
 * to call `${address}/${id}`. The secrets of the endpoint encrypt those of the channels where they are stored.
 * @example
 * webhook({
 *   verify: channelSecret(hmac({ header: 'acme-signature' })),
 *   read: ({ channels: [channel = ''] }) => ({ to: { channel }, event: 'changed' }),
 *   subscribe: {
 *     create: ({ id, address }) => post('hooks', { url: `${address}/${id}` }),
 *     created: z.object({ handle: z.string(), secret: z.string() }),
 *   },
 * })
 */
export const channelSecret = (scheme: Verifier): Verifier => ({
  verify: scheme.verify,
  signedBytes: scheme.signedBytes,
  channelOf: ({ url }) => CHANNEL.exec(new URL(url).pathname)?.[1],
})
