import type { GrantFlow } from '../auth/grant-flow.ts'
import type { Grant } from '../auth/grant.ts'
import { uncovered } from '../auth/scope-coverage.ts'
import type { Call } from './call.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { ConnectorContext } from './connector-context.ts'

/** The scopes of `wanted` that the grant is known to lack; none where nobody knows what it has. */
export function missingScopes(
  wanted: readonly string[] | undefined,
  grant: Grant | undefined,
  flow: GrantFlow | undefined,
): readonly string[] {
  const granted = grant?.scopes
  if (wanted === undefined || wanted.length === 0 || granted === undefined) return []
  return uncovered(wanted, granted, flow?.covers)
}

/** The refusal of a call whose tool needs more than the person has agreed to, with the URL at which they can. */
export async function needsScope(
  { consent, serverId }: ConnectorContext,
  { connection, toolName, principal }: Call,
  missing: readonly string[],
): Promise<ConnectorError> {
  // Where no URL can be made the refusal still stands.
  const authorizeUrl = await consent?.()
    .then((asked) => asked.urlFor(connection, missing, principal.user))
    .catch(() => undefined)
  return new ConnectorError('MCP_AUTHENTICATION_FAILURE', `${serverId}.${toolName} needs more than was agreed to.`, {
    reason: 'needs_scope',
    scopes: missing,
    authorizeUrl,
    hint: `Send the person to authorizeUrl, or to the one that connect(undefined, { scopes: ${JSON.stringify(missing)} }) answers.`,
    outcome: 'not_processed',
  })
}
