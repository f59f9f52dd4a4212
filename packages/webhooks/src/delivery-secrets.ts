import type { ClientContext } from '@mcpclient/core'
import type { RefusalReason, Secrets } from '@mcpclient/core/define'
import { addressIdIn } from './addresses.ts'
import type { Addresses } from './addresses.ts'
import type { Endpoint } from './endpoints.ts'

/** The secrets for one delivery, which its URL decides. */
export interface DeliverySecrets {
  readonly secrets: Secrets
  /** The address of a connection that was called. Absent: the address of the endpoint, or one that is unknown. */
  readonly address?: string | undefined
  /** The reason to refuse the delivery, whatever it is signed with. */
  readonly refusal?: RefusalReason | undefined
}

/**
 * Returns the secrets that verify a delivery: those of the connection whose address was called, or those of the composition.
 * A delivery that nothing can verify gets a random secret, so that a handshake responds as it does to a known address.
 */
export async function secretsFor(
  { client, addresses }: { readonly client: ClientContext; readonly addresses: Addresses },
  { serverId, webhook, secrets }: Endpoint,
  url: string,
): Promise<DeliverySecrets> {
  const id = webhook.connectionSecret === undefined ? undefined : addressIdIn(url)
  if (id === undefined) return secrets === undefined ? unverifiable('secret_missing') : { secrets }
  const found = await addresses.read(serverId, id)
  if (found === undefined) return unverifiable('address_unknown')
  const own = (await client.signingSecretsOf(serverId, found.tenant, found.connection)) ?? []
  const [first, ...others] = own.filter((secret) => secret.trim() !== '')
  return first === undefined ? unverifiable('secret_missing', id) : { secrets: [first, ...others], address: id }
}

const unverifiable = (refusal: RefusalReason, address?: string): DeliverySecrets => ({
  secrets: [crypto.randomUUID()],
  address,
  refusal,
})
