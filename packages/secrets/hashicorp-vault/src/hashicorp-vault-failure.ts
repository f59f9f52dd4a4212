import { ConnectorError } from '@mcpclient/core'
import type { ErrorCode } from '@mcpclient/core'

/**
 * Converts a failure of node-vault to a `ConnectorError`. The error itself is dropped: axios adds the request with its
 * token to it. Statuses: https://developer.hashicorp.com/vault/api-docs#http-status-codes
 */
export function hashicorpVaultFailure(reference: string, path: string, error: unknown): ConnectorError {
  const status = statusOf(error)
  const failure = (code: ErrorCode, what: string, hint: string): ConnectorError =>
    new ConnectorError(code, `vault:${reference} ${what}.`, { status, hint }, { cause: new Error(String(error)) })

  if (status === undefined) {
    return failure(
      'MCP_CONNECTION_ERROR',
      'cannot be read: Vault did not respond',
      "Check Vault's address (VAULT_ADDR, or endpoint of the client) and that this process can reach it.",
    )
  }
  if (status === 404) {
    const [mount = '', ...rest] = path.split('/')
    const versioned =
      rest[0] === 'data' ? '' : ` In version 2 of the engine, use ${[mount, 'data', ...rest].join('/')}.`
    return failure('CONFIGURATION_ERROR', 'does not exist', `Check mount and path.${versioned}`)
  }
  if (status === 403) {
    return failure(
      'CONFIGURATION_ERROR',
      'may not be read with this token, or the token has expired',
      `Give the token a policy with read on "${path}", or a new token to the client.`,
    )
  }
  if (status === 429)
    return failure('MCP_RATE_LIMIT_EXCEEDED', 'cannot be read yet', 'Try again later: Vault limits its clients.')
  if (status === 503) return failure('MCP_SERVER_ERROR', 'cannot be read: Vault is sealed', 'Unseal Vault.')
  if (status >= 500) return failure('MCP_SERVER_ERROR', 'cannot be read: Vault failed', "Check Vault's log.")
  return failure('CONFIGURATION_ERROR', 'is not a path that Vault can read', 'Check mount and path.')
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('response' in error)) return undefined
  const { response } = error
  if (typeof response !== 'object' || response === null || !('statusCode' in response)) return undefined
  return typeof response.statusCode === 'number' ? response.statusCode : undefined
}
