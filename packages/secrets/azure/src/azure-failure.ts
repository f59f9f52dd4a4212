import { ConnectorError } from '@mcpclient/core'
import type { ErrorCode } from '@mcpclient/core'

/** The names of the errors of `@azure/identity`. */
const WITHOUT_CREDENTIAL = new Set([
  'CredentialUnavailableError',
  'AuthenticationError',
  'AggregateAuthenticationError',
])

/**
 * Converts a failure of the client to a `ConnectorError`. The error itself is dropped: it contains the request. Statuses:
 * https://learn.microsoft.com/azure/key-vault/general/rest-error-codes
 */
export function azureFailure(reference: string, error: unknown): ConnectorError {
  const { name, message } = error instanceof Error ? error : { name: '', message: '' }
  const status = numberOf(error, 'statusCode')
  const failure = (code: ErrorCode, problem: string, hint: string): ConnectorError =>
    new ConnectorError(
      code,
      `azure-kv:${reference} ${problem}.`,
      { status, hint },
      { cause: new Error(`${name}: ${message}`) },
    )

  if (status === 401 || WITHOUT_CREDENTIAL.has(name)) {
    return failure(
      'CONFIGURATION_ERROR',
      'cannot be read: Azure does not accept the credential of the client, or it has none',
      "Check the client's credential (managed identity or AZURE_ environment variables) and its tenant.",
    )
  }
  if (status === undefined) {
    return failure(
      'MCP_CONNECTION_ERROR',
      'cannot be read: the vault did not respond',
      "Check the vault's URL and that this process can reach it.",
    )
  }
  if (status === 403) {
    return failure(
      'CONFIGURATION_ERROR',
      'may not be read, or is disabled or not valid at this time',
      "Give the identity of the process the role Key Vault Secrets User, and check the secret's state and the firewall.",
    )
  }
  if (status === 404) return failure('CONFIGURATION_ERROR', 'does not exist', 'Check vault, name and version.')
  if (status === 429) {
    return failure(
      'MCP_RATE_LIMIT_EXCEEDED',
      'cannot be read yet: the vault limits the requests',
      'Try again later, and read secrets less often: secretReader() caches them.',
    )
  }
  return status >= 500
    ? failure('MCP_SERVER_ERROR', 'cannot be read: the vault failed', 'Try again later.')
    : failure('CONFIGURATION_ERROR', 'was refused by the vault', 'Check vault, name and version.')
}

function numberOf(value: unknown, name: string): number | undefined {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return typeof found === 'number' ? found : undefined
}
