import type { UnverifiedDelivery, Verifier } from '@mcpclient/core/define'

/** The id of a channel, a UUID, as the last segment of a path. */
const CHANNEL = /\/([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/

/** Returns the channel that the path of a delivery ends with. It proves nothing. */
export const channelIn = ({ url }: Pick<UnverifiedDelivery, 'url'>): string | undefined =>
  CHANNEL.exec(new URL(url).pathname)?.[1]

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
  channelOf: channelIn,
})
