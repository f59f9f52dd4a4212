import { ConnectorError } from '../errors/connector-error.ts'

/**
 * Validates a base URL.
 * @throws ConnectorError CONFIGURATION_ERROR, without the URL itself, because it may contain a secret
 */
export function assertBaseUrl(base: string, serverId: string): void {
  const problem = problemOf(base)
  if (problem === undefined) return
  throw new ConnectorError('CONFIGURATION_ERROR', `The base URL of ${serverId} ${problem}.`, {
    outcome: 'not_processed',
    hint: 'Pass an absolute URL such as "https://api.example.com/v1/", without a query or a fragment.',
  })
}

function problemOf(base: string): string | undefined {
  if (!URL.canParse(base)) return 'is not an absolute URL'
  const { protocol, username, password } = new URL(base)
  if (protocol !== 'https:' && protocol !== 'http:') return 'does not start with https:// or http://'
  if (username !== '' || password !== '') return 'contains a user name or a password'
  return base.includes('?') || base.includes('#') ? 'has a query or a fragment' : undefined
}
