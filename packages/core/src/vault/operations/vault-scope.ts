import type { Principal } from '../../identity/principal.ts'
import { ConnectorError } from '../../errors/connector-error.ts'
import type { OperationsContext } from './operations-context.ts'

/** The rows that an operation is for. Required: a name that is undefined by mistake must not mean everything. */
export type VaultScope =
  | { /** Only the connections of this tenant. */ readonly tenant: string; readonly everything?: undefined }
  | { /** The connections of every tenant. */ readonly everything: true; readonly tenant?: undefined }

/**
 * Returns the tenant that an operation is for, or undefined for every tenant.
 * @throws ConnectorError INVALID_INPUT if it is neither said, or both
 */
export function tenantIn(options: unknown, { identify }: Pick<OperationsContext, 'identify'>): string | undefined {
  const given: Readonly<Record<string, unknown>> = typeof options === 'object' && options !== null ? { ...options } : {}
  const { everything } = given
  if (everything !== undefined && everything !== true) throw refused('everything has to be true, or left out.')
  if (everything === true) {
    if (given['tenant'] === undefined && !('tenant' in given)) return undefined
    throw refused('The scope names both a tenant and everything.')
  }
  if (!('tenant' in given)) throw refused('The operation has no scope.')
  return identify({ tenant: given['tenant'] ?? '' }).tenant
}

/**
 * Returns a checked copy of who does it, for the audit.
 * @throws ConnectorError INVALID_INPUT if it names no tenant
 */
export const actorIn = (
  by: Principal | undefined,
  { identify }: Pick<OperationsContext, 'identify'>,
): Principal | undefined => (by === undefined ? undefined : identify(by))

const refused = (message: string): ConnectorError =>
  new ConnectorError('INVALID_INPUT', message, {
    hint: 'Pass { tenant } for the connections of one tenant, or { everything: true }.',
    outcome: 'not_processed',
  })
