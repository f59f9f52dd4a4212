import { ConnectorError } from '@mcpclient/core'
import type { Secrets, Subscription, SubscriptionHandle } from '@mcpclient/core/define'
import { sealSecret } from './channel-secret.ts'

interface HandleContext {
  readonly channel: string
  readonly secrets: Secrets
  readonly now: number
}

/**
 * Reads the response to a new or renewed subscription, and encrypts the secret in it.
 * @throws ConnectorError DATA_TRANSFORMATION_ERROR if it describes no subscription
 */
export async function readHandle(
  { created }: Subscription,
  response: unknown,
  { channel, secrets, now }: HandleContext,
): Promise<SubscriptionHandle> {
  const parsed = created.safeParse(response)
  const { expiresAt = Infinity } = parsed.success ? parsed.data : { expiresAt: Number.NaN }
  // A life that is over, as seconds taken for milliseconds, would be renewed without end.
  if (!parsed.success || !(expiresAt > now)) {
    throw new ConnectorError('DATA_TRANSFORMATION_ERROR', 'The response describes no subscription.', {
      outcome: 'unknown',
      hint: "Report it to the connector's author.",
    })
  }
  const { secret, ...handle } = parsed.data
  return secret === undefined ? handle : { ...handle, secret: await sealSecret(secret, channel, secrets) }
}
