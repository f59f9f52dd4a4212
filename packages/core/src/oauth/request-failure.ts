import * as oauth from 'oauth4webapi'
import { ConnectorError } from '../errors/connector-error.ts'
import type { ErrorRow } from '../connector/error-table.ts'
import { refusal } from './refusal.ts'

/**
 * What a request that oauth4webapi made failed of. Its errors hold answers and claims, so nothing of them is passed on.
 * @param facts.doing what was asked for, such as "the refresh token"
 */
export function requestFailure(
  error: unknown,
  facts: {
    readonly host: string
    readonly doing: string
    readonly secrets: readonly string[]
    /** What the connector's table says about the refusal. */
    readonly meaning?: ErrorRow | undefined
  },
): ConnectorError {
  if (ConnectorError.is(error)) return error
  const { host, doing } = facts
  if (error instanceof oauth.ResponseBodyError) {
    const { error: word, error_description: description, status } = error
    return refusal({ error: word, description, meaning: facts.meaning }, { ...facts, status })
  }
  if (error instanceof oauth.UnsupportedOperationError) {
    return new ConnectorError('MCP_SERVER_ERROR', `${host} answered ${doing} with a kind of token that is not known.`, {
      outcome: 'unknown',
    })
  }
  if (error instanceof oauth.OperationProcessingError) {
    if (error.code === oauth.MISSING_SERVER_METADATA || error.code === oauth.INVALID_SERVER_METADATA) {
      return new ConnectorError('CONFIGURATION_ERROR', `${host} has no endpoint for ${doing}.`, {
        outcome: 'not_processed',
        hint: "It is neither in the connector's definition nor in the server's metadata.",
      })
    }
    return new ConnectorError(
      'MCP_SERVER_ERROR',
      `${host} answered ${doing} with something that OAuth does not know.`,
      {
        outcome: 'unknown',
      },
    )
  }
  return new ConnectorError('API_INTERNAL_ERROR', `The request for ${doing} could not be made.`, { outcome: 'unknown' })
}
