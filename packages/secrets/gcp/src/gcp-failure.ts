import { ConnectorError } from '@mcpclient/core'
import type { ErrorCode } from '@mcpclient/core'

/** https://grpc.io/docs/guides/status-codes/: the client names failures so, over gRPC and over REST. */
const status = {
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const

const meanings: Readonly<Record<number, readonly [code: ErrorCode, problem: string, hint: string]>> = {
  [status.INVALID_ARGUMENT]: ['CONFIGURATION_ERROR', 'is no name of a secret', 'Check project, name and version.'],
  [status.NOT_FOUND]: ['CONFIGURATION_ERROR', 'does not exist', 'Check project, name and version.'],
  [status.PERMISSION_DENIED]: [
    'CONFIGURATION_ERROR',
    'may not be read',
    'Give the service account the role Secret Manager Secret Accessor on this secret; check that the API is enabled.',
  ],
  [status.FAILED_PRECONDITION]: [
    'CONFIGURATION_ERROR',
    'cannot be read as it is: this version is disabled or destroyed',
    'Enable it, or name another version.',
  ],
  [status.UNAUTHENTICATED]: [
    'CONFIGURATION_ERROR',
    'cannot be read: Google does not accept the credentials of the client',
    'Check the credentials of the client, and the clock of this machine.',
  ],
  [status.RESOURCE_EXHAUSTED]: [
    'MCP_RATE_LIMIT_EXCEEDED',
    'cannot be read yet: Google limits how often',
    'Try later, and read secrets less often: secretReader() keeps them at hand.',
  ],
  [status.INTERNAL]: ['MCP_SERVER_ERROR', 'cannot be read: Secret Manager failed', 'Try again later.'],
  [status.UNAVAILABLE]: [
    'MCP_CONNECTION_ERROR',
    'cannot be read: Secret Manager did not answer',
    'Check that this process can reach it.',
  ],
  [status.DEADLINE_EXCEEDED]: [
    'TIMEOUT',
    'cannot be read: Secret Manager did not answer in time',
    'Check that this process can reach it.',
  ],
}

/** What `google-auth-library` says where it finds nothing. */
const WITHOUT_CREDENTIALS = /default credentials/i

/** What a failure of the client means. The error itself goes no further: it has parts of the request in it. */
export function gcpFailure(reference: string, error: unknown): ConnectorError {
  const { name, message } = error instanceof Error ? error : { name: '', message: '' }
  const found: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  const [code, problem, hint] =
    (typeof found === 'number' ? meanings[found] : undefined) ??
    (WITHOUT_CREDENTIALS.test(message) ? withoutCredentials : unanswered(found))
  return new ConnectorError(
    code,
    `gcp-sm:${reference} ${problem}.`,
    { hint },
    { cause: new Error(`${name}: ${message}`) },
  )
}

const withoutCredentials: readonly [ErrorCode, string, string] = [
  'CONFIGURATION_ERROR',
  'cannot be read: the client has no credentials',
  'Run where a service account is attached, or set GOOGLE_APPLICATION_CREDENTIALS.',
]

/** An error of the system has a word for its code, and an answer that is not in the table has a number. */
const unanswered = (code: unknown): readonly [ErrorCode, string, string] =>
  typeof code === 'number'
    ? ['MCP_SERVER_ERROR', `cannot be read: Secret Manager failed (${code})`, 'Try again later.']
    : ['MCP_CONNECTION_ERROR', 'cannot be read: Secret Manager did not answer', 'Check that this process can reach it.']
