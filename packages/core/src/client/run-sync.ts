import { fieldsOf } from '../connector/schema-shape.ts'
import { tryParseStrict } from '../connector/schema.ts'
import type { AnySync, SyncOptions, SyncResult } from '../connector/sync.ts'
import { ConnectorError, describeIssues } from '../errors/connector-error.ts'
import { nearestNames } from '../errors/nearest-names.ts'
import { shownName } from '../errors/shown-name.ts'
import type { Call } from '../pipeline/call.ts'
import type { ClientHost } from './client-host.ts'
import { callOf } from './operation-call.ts'
import type { SyncOperation } from './sync-engine.ts'

/**
 * Runs a sync of one connection with the composed engine.
 * @param perform runs one operation of the sync, as it runs a tool
 */
export async function runSync(
  host: ClientHost,
  resource: string,
  options: SyncOptions,
  perform: (call: Call) => Promise<unknown>,
): Promise<SyncResult> {
  const { serverId, principal, connection, syncs, syncEngine } = host
  const sync = Object.hasOwn(syncs, resource) ? syncs[resource] : undefined
  if (sync === undefined) throw unknownSync(serverId, resource, Object.keys(syncs))
  if (syncEngine === undefined) {
    throw new ConnectorError('TOOL_NOT_SUPPORTED', 'No composed capability runs syncs.', {
      serverId,
      hint: 'Compose syncs() of @mcpclient/sync: createMcpClient({ capabilities: [syncs({ ... })] }).',
      outcome: 'not_processed',
    })
  }
  const params = paramsOf(sync, resource, options.params)
  const { scopes } = sync
  const { signal } = options
  const send = (operation: SyncOperation): Promise<unknown> =>
    host.run(callOf({ ...operation, name: `sync_${resource}_${operation.name}`, scopes, signal }, perform))
  const fields = fieldsOf(sync.item)
  return syncEngine.run({ serverId, principal, connection, name: resource, sync, fields, params, options, send })
}

function paramsOf({ params: schema }: AnySync, resource: string, params: unknown): object {
  if (schema === undefined) return {}
  const parsed = tryParseStrict(schema, params ?? {})
  if (parsed.issues === undefined) return parsed.data as object
  const { issues } = parsed
  throw new ConnectorError('INVALID_INPUT', `The params of ${resource} are invalid: ${describeIssues(issues)}`, {
    issues,
    outcome: 'not_processed',
  })
}

function unknownSync(serverId: string, resource: unknown, names: readonly string[]): ConnectorError {
  const shown = shownName(resource)
  return new ConnectorError('TOOL_NOT_SUPPORTED', `${serverId} has no sync named "${shown}".`, {
    serverId,
    choices: nearestNames(shown, names),
    outcome: 'not_processed',
  })
}
