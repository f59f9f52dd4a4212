/** The reason of a failure. `notSimulated` is the simulator's own: Google has the feature, the simulator does not. */
export type SimulatedPeopleReason =
  | 'INVALID_ARGUMENT'
  | 'FAILED_PRECONDITION'
  | 'EXPIRED_SYNC_TOKEN'
  | 'UNAUTHENTICATED'
  | 'PERMISSION_DENIED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'RATE_LIMIT_EXCEEDED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'notSimulated'

interface Kind {
  readonly code: number
  /** The canonical status. @default the reason */
  readonly status?: string
  /** The reason in the older form, which Google sends beside the newer one. */
  readonly older: string
  readonly message: string
  /** Whether the details name the reason. */
  readonly isDetailed?: true
}

/** Source: https://developers.google.com/people/api/rest/v1/people.connections/list */
const kinds: Readonly<Record<SimulatedPeopleReason, Kind>> = {
  INVALID_ARGUMENT: { code: 400, older: 'badRequest', message: 'Request contains an invalid argument.' },
  FAILED_PRECONDITION: {
    code: 400,
    older: 'failedPrecondition',
    message: 'The etag of the request is different than the current one. Clear local cache and get the latest version.',
  },
  EXPIRED_SYNC_TOKEN: {
    code: 400,
    status: 'FAILED_PRECONDITION',
    older: 'failedPrecondition',
    message: 'Sync token is expired. Clear local cache and retry call without the sync token.',
    isDetailed: true,
  },
  UNAUTHENTICATED: { code: 401, older: 'authError', message: 'Request had invalid authentication credentials.' },
  PERMISSION_DENIED: { code: 403, older: 'forbidden', message: 'The caller does not have permission.' },
  NOT_FOUND: { code: 404, older: 'notFound', message: 'Requested entity was not found.' },
  ALREADY_EXISTS: { code: 409, older: 'alreadyExists', message: 'Contact group name already exists.' },
  RATE_LIMIT_EXCEEDED: {
    code: 429,
    status: 'RESOURCE_EXHAUSTED',
    older: 'rateLimitExceeded',
    message: 'Quota exceeded.',
    isDetailed: true,
  },
  INTERNAL: { code: 500, older: 'backendError', message: 'Internal error encountered.' },
  UNAVAILABLE: { code: 503, older: 'backendError', message: 'The service is currently unavailable.' },
  notSimulated: {
    code: 501,
    status: 'UNIMPLEMENTED',
    older: 'notSimulated',
    message: 'The simulator does not have this.',
  },
}

/** A failed request, in Google's form. */
export class PeopleFailure extends Error {
  override readonly name = 'PeopleFailure'
  readonly #reason: SimulatedPeopleReason

  constructor(reason: SimulatedPeopleReason, message = kinds[reason].message) {
    super(message)
    this.#reason = reason
  }

  toResponse(): Response {
    const { message } = this
    const { code, older, status = this.#reason, isDetailed } = kinds[this.#reason]
    const details = [
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: this.#reason, domain: 'people.googleapis.com' },
    ]
    const error = { code, message, errors: [{ message, domain: 'global', reason: older }], status }
    return Response.json({ error: isDetailed ? { ...error, details } : error }, { status: code })
  }
}

/** Returns the failure for an argument that Google does not accept. */
export const invalidArgument = (message: string): PeopleFailure => new PeopleFailure('INVALID_ARGUMENT', message)
