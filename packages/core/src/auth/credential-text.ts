import { ConnectorError } from '../errors/connector-error.ts'

/** Returns the error for a credential that no request can carry. The error never contains the credential. */
export const unusableCredential = (
  serverId: string,
  problem = 'contains characters that a header cannot carry',
): ConnectorError =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', `The key of ${serverId} ${problem}.`, {
    serverId,
    reason: 'unusable_key',
    outcome: 'not_processed',
    hint: 'Copy the key again, without line breaks, quotes or invisible characters.',
  })
