import { ConnectorError } from '@mcpclient/core'
import type { ErrorCode } from '@mcpclient/core'

/** https://grpc.io/docs/guides/status-codes/: the codes of the client, over gRPC and over REST. */
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
  [status.INVALID_ARGUMENT]: ['CONFIGURATION_ERROR', 'is not the name of a secret', 'Check project, name and version.'],
  [status.NOT_FOUND]: ['CONFIGURATION_ERROR', 'does not exist', 'Check project, name and version.'],
  [status.PERMISSION_DENIED]: [
    'CONFIGURATION_ERROR',
    'may not be read',
    'Give the service account the role Secret Manager Secret Accessor on this secret; check that the API is enabled.',
  ],
  [status.FAILED_PRECONDITION]: [
    'CONFIGURATION_ERROR',
    'cannot be read: this version is disabled or destroyed',
    'Enable it, or use another version.',
  ],
  [status.UNAUTHENTICATED]: [
    'CONFIGURATION_ERROR',
    'cannot be read: Google does not accept the credentials of the client',
    'Check the credentials of the client, and the clock of this machine.',
  ],
  [status.RESOURCE_EXHAUSTED]: [
    'MCP_RATE_LIMIT_EXCEEDED',
    'cannot be read yet: Google limits the requests',
    'Try again later, and read secrets less often: secretReader() caches them.',
  ],
  [status.INTERNAL]: ['MCP_SERVER_ERROR', 'cannot be read: Secret Manager failed', 'Try again later.'],
  [status.UNAVAILABLE]: [
    'MCP_CONNECTION_ERROR',
    'cannot be read: Secret Manager did not respond',
    'Check that this process can reach it.',
  ],
  [status.DEADLINE_EXCEEDED]: [
    'TIMEOUT',
    'cannot be read: Secret Manager did not respond in time',
    'Check that this process can reach it.',
  ],
}

/** The message of `google-auth-library` if it finds no credentials. */
const WITHOUT_CREDENTIALS = /default credentials/i

/** Converts a failure of the client to a `ConnectorError`. The error itself is dropped: it contains parts of the request. */
export function gcpFailure(reference: string, error: unknown): ConnectorError {
  const { name, message } = error instanceof Error ? error : { name: '', message: '' }
  const found: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  const [code, problem, hint] =
    (typeof found === 'number' ? meanings[found] : undefined) ??
    (WITHOUT_CREDENTIALS.test(message) ? withoutCredentials : unlisted(found))
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
  'Attach a service account to the machine, or set GOOGLE_APPLICATION_CREDENTIALS.',
]

/** Returns the meaning of an unlisted code. Errors of the system have a string as code, unlisted responses a number. */
const unlisted = (code: unknown): readonly [ErrorCode, string, string] =>
  typeof code === 'number'
    ? ['MCP_SERVER_ERROR', `cannot be read: Secret Manager failed (${code})`, 'Try again later.']
    : [
        'MCP_CONNECTION_ERROR',
        'cannot be read: Secret Manager did not respond',
        'Check that this process can reach it.',
      ]
