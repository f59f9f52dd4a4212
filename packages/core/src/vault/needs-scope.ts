import type { GrantFlow } from '../auth/grant-flow.ts'
import type { Grant } from '../auth/grant.ts'
import { uncovered } from '../auth/scope-coverage.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { UnsignedRequest } from '../ports/credential-source.ts'
import type { ConnectorVault } from './connector-vault.ts'
import type { Consent } from './consent.ts'

/** Returns the scopes of `wanted` that the grant is known to lack; none if it is not known what it has. */
export function missingScopes(
  wanted: readonly string[] | undefined,
  grant: Grant | undefined,
  flow: GrantFlow | undefined,
): readonly string[] {
  const granted = grant?.scopes
  if (wanted === undefined || wanted.length === 0 || granted === undefined) return []
  return uncovered(wanted, granted, flow?.covers)
}

/** Returns the error of a call whose tool needs scopes that were not granted, with the URL at which a user can grant them. */
export async function needsScope(
  { guard, serverId }: ConnectorVault,
  consent: (() => Promise<Consent>) | undefined,
  { call: { connection, principal, toolName } }: UnsignedRequest,
  missing: readonly string[],
): Promise<ConnectorError> {
  // The URL is only for those who may connect.
  const mayConnect = await guard.isAllowed('connect', principal, connection)
  const authorizeUrl = mayConnect
    ? await consent?.()
        .then((asked) => asked.urlFor(connection, missing, principal.user))
        .catch(() => undefined)
    : undefined
  return new ConnectorError(
    'MCP_AUTHENTICATION_FAILURE',
    `${serverId}.${toolName} requires scopes that were not granted: ${missing.join(', ')}.`,
    {
      reason: 'needs_scope',
      scopes: missing,
      authorizeUrl,
      hint: `Send the user to authorizeUrl, or to the URL that connect(undefined, { scopes: ${JSON.stringify(missing)} }) returns.`,
      outcome: 'not_processed',
    },
  )
}
