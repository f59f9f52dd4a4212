import { ConnectorError } from '../errors/connector-error.ts'
import type { AuthStrategy } from './strategy.ts'

/**
 * Returns the credential that a composition passes for all tenants: the fields of `auth` among the options. Returns
 * `{}` if the strategy needs none, and undefined if each tenant connects its own.
 * @param options what the host passed to the connector's factory
 * @param connector its id, for messages, and its strategy
 * @throws ConnectorError CONFIGURATION_ERROR if the credential is incomplete or not allowed at composition
 */
export function credentialFromOptions(
  options: Readonly<Record<string, unknown>>,
  { id, auth }: { readonly id: string; readonly auth: AuthStrategy },
): Readonly<Record<string, string>> | undefined {
  const { fields, holders, flow } = auth
  const names = Object.keys(fields)
  const given = names.filter((name) => options[name] !== undefined)
  if (given.length === 0) return names.length === 0 && flow === undefined ? {} : undefined
  const missing = names.filter(
    (name) => !isFilled(options[name]) && (options[name] !== undefined || fields[name]?.optional !== true),
  )
  if (missing.length > 0) {
    throw new ConnectorError('CONFIGURATION_ERROR', `${id} was composed with an incomplete credential.`, {
      hint: `Pass ${missing.join(' and ')} as a string, or leave the credential out and let each tenant connect its own.`,
    })
  }
  if (!holders.includes('app')) {
    throw new ConnectorError('CONFIGURATION_ERROR', `${id} does not accept a credential at composition.`, {
      hint: `Leave out ${given.join(', ')}; each tenant connects its own account with connect().`,
    })
  }
  return Object.fromEntries(given.map((name) => [name, String(options[name])]))
}

const isFilled = (value: unknown): boolean => typeof value === 'string' && value !== ''
