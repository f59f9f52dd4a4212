import { ConnectorError } from '@mcpclient/core'
import type { ErrorCode } from '@mcpclient/core'

interface Meaning {
  readonly names: readonly string[]
  readonly code: ErrorCode
  readonly problem: string
  readonly hint: string
}

/**
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html#API_GetSecretValue_Errors and
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html
 */
const meanings: readonly Meaning[] = [
  {
    names: ['ResourceNotFoundException'],
    code: 'CONFIGURATION_ERROR',
    problem: 'does not exist',
    hint: "Check the secret's name, and the region and the account of the client.",
  },
  {
    names: ['AccessDeniedException', 'AccessDenied'],
    code: 'CONFIGURATION_ERROR',
    problem: 'may not be read',
    hint: 'Allow secretsmanager:GetSecretValue on this secret to the role of the process.',
  },
  {
    names: ['DecryptionFailure'],
    code: 'CONFIGURATION_ERROR',
    problem: 'cannot be decrypted',
    hint: "Allow kms:Decrypt on the secret's key to the role of the process, and check that the key is enabled.",
  },
  {
    names: ['InvalidRequestException', 'InvalidParameterException', 'ValidationException'],
    code: 'CONFIGURATION_ERROR',
    problem: 'cannot be read in its state',
    hint: 'Check its name, and restore it if it is marked for deletion.',
  },
  {
    names: [
      'CredentialsProviderError',
      'ExpiredToken',
      'ExpiredTokenException',
      'IncompleteSignature',
      'InvalidClientTokenId',
      'InvalidSignatureException',
      'MissingAuthenticationToken',
      'NotAuthorized',
      'TokenProviderError',
      'UnrecognizedClientException',
    ],
    code: 'CONFIGURATION_ERROR',
    problem: 'cannot be read: AWS does not accept the credentials of the client, or it has none',
    hint: "Check the client's credentials (role, profile or environment variables) and the clock of this machine.",
  },
  {
    names: ['ThrottlingException', 'Throttling', 'TooManyRequestsException', 'RequestLimitExceeded'],
    code: 'MCP_RATE_LIMIT_EXCEEDED',
    problem: 'cannot be read yet: AWS limits the requests',
    hint: 'Try again later, and read secrets less often: secretReader() caches them.',
  },
]

/** Converts a failure of the client to a `ConnectorError`. The error itself is dropped: it contains parts of the request. */
export function awsFailure(reference: string, error: unknown): ConnectorError {
  const { name, message } = error instanceof Error ? error : { name: '', message: '' }
  const status = statusOf(error)
  const failure = (code: ErrorCode, problem: string, hint: string): ConnectorError =>
    new ConnectorError(
      code,
      `aws-sm:${reference} ${problem}.`,
      { status, hint, ...(status !== undefined && { providerCode: name }) },
      { cause: new Error(`${name}: ${message}`) },
    )
  const meaning = meanings.find(({ names }) => names.includes(name))
  if (meaning !== undefined) return failure(meaning.code, meaning.problem, meaning.hint)
  if (message === 'Region is missing') {
    return failure(
      'CONFIGURATION_ERROR',
      'cannot be read: the client has no region',
      'Pass a region, or set AWS_REGION.',
    )
  }
  if (status === undefined) {
    return failure(
      'MCP_CONNECTION_ERROR',
      'cannot be read: AWS Secrets Manager did not respond',
      'Check that this process can reach it: the region, a proxy, the endpoint of a private network.',
    )
  }
  return status >= 500
    ? failure('MCP_SERVER_ERROR', 'cannot be read: AWS Secrets Manager failed', 'Try again later.')
    : failure(
        'CONFIGURATION_ERROR',
        'was refused by AWS Secrets Manager',
        'Look up providerCode in the documentation of AWS.',
      )
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  const { $metadata } = error
  if (typeof $metadata !== 'object' || $metadata === null || !('httpStatusCode' in $metadata)) return undefined
  return typeof $metadata.httpStatusCode === 'number' ? $metadata.httpStatusCode : undefined
}
