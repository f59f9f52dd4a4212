import type { Connection, Principal } from '../connector/call.ts'
import { APP_CONNECTION } from '../credentials/vault.ts'
import { storeKey } from '../ports/store.ts'
import type { ConnectorScope } from '../pipeline/connector-scope.ts'

/** The connection of this name that `principal` means. */
export function connectionOf(
  { serverId, vault }: Pick<ConnectorScope, 'serverId' | 'vault'>,
  principal: Pick<Principal, 'tenant'>,
  name: string,
): Connection {
  // The app's own credential is one account, so its limits and its breaker are one as well, whoever calls.
  const { tenant } = vault.holdsForTheApp ? { tenant: undefined } : principal
  const who = tenant === undefined ? { tenant, name: APP_CONNECTION } : { tenant, name }
  const key = tenant === undefined ? storeKey(serverId) : storeKey(serverId, tenant, name)
  return { key, serverId, ...who, place: vault.placeOf(who) }
}
