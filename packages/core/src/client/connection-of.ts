import type { Connection } from '../identity/connection.ts'
import type { Principal } from '../identity/principal.ts'
import { APP_CONNECTION } from '../vault/vault.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { isName, MAX_NAME_LENGTH, shownName } from '../errors/shown-name.ts'
import { storeKey } from '../ports/store.ts'
import type { ConnectorContext } from '../pipeline/connector-context.ts'

export const DEFAULT_CONNECTION = 'default'

/** A connection's name becomes part of store keys and of the keys of limits. */
export function checkedName(name: string | undefined): string {
  if (name === undefined) return DEFAULT_CONNECTION
  if (isName(name) && name.isWellFormed() && !/\p{Cc}/u.test(name)) return name
  throw new ConnectorError('INVALID_INPUT', `"${shownName(name)}" cannot be the name of a connection.`, {
    hint: `Use a string of 1 to ${MAX_NAME_LENGTH} characters, without control characters.`,
    outcome: 'not_processed',
  })
}

/** The connection of this name that `principal` means. */
export function connectionOf(
  { serverId, vault }: Pick<ConnectorContext, 'serverId' | 'vault'>,
  principal: Pick<Principal, 'tenant'>,
  name: string,
): Connection {
  // The app's own credential is one account, so its limits and its breaker are one as well, whoever calls.
  const { tenant } = vault.holdsForTheApp ? { tenant: undefined } : principal
  const who = tenant === undefined ? { tenant, name: APP_CONNECTION } : { tenant, name }
  const key = tenant === undefined ? storeKey(serverId) : storeKey(serverId, tenant, name)
  return { key, serverId, ...who, place: vault.placeOf(who) }
}
