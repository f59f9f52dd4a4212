import type { Principal } from '../connector/call.ts'
import { ConnectorError } from '../errors/connector-error.ts'

/** The tenant of an app that has only one. */
export const DEFAULT_TENANT = 'default'

/** @throws ConnectorError INVALID_INPUT if the tenant is an empty text */
export function principalOf(principal: string | Principal = DEFAULT_TENANT): Principal {
  const known = typeof principal === 'string' ? { tenant: principal } : principal
  if (known.tenant !== '') return known
  throw new ConnectorError('INVALID_INPUT', 'The tenant is an empty text.', {
    hint: "Pass the id that the tenant has in the host's own database.",
  })
}
