/** The `code` of a failure. `notSimulated` is the simulator's own: Graph has the feature, the simulator does not. */
export type SimulatedGraphCode =
  | 'InvalidAuthenticationToken'
  | 'BadRequest'
  | 'RequestBroker--ParseUri'
  | 'ErrorInvalidRequest'
  | 'ErrorPropertyValidationFailure'
  | 'TimeZoneNotSupportedException'
  | 'ValidationError'
  | 'ErrorAccessDenied'
  | 'ErrorItemNotFound'
  | 'ErrorInvalidRecipients'
  | 'ErrorInvalidIdMalformed'
  | 'ResourceNotFound'
  | 'MailboxNotEnabledForRESTAPI'
  | 'ErrorDuplicateTransactionId'
  | 'SyncStateNotFound'
  | 'resyncRequired'
  | 'ErrorIrresolvableConflict'
  | 'TooManyRequests'
  | 'ApplicationThrottled'
  | 'ErrorInternalServerError'
  | 'ServiceUnavailable'
  | 'notSimulated'

/** Statuses and texts by code, as https://learn.microsoft.com/graph/errors and reports of users have them. */
const kinds: Readonly<Record<SimulatedGraphCode, readonly [number, string]>> = {
  InvalidAuthenticationToken: [401, 'Access token has expired or is not yet valid.'],
  BadRequest: [400, 'The request is malformed.'],
  'RequestBroker--ParseUri': [400, 'Resource not found for the segment.'],
  ErrorInvalidRequest: [400, 'The request is invalid.'],
  ErrorPropertyValidationFailure: [400, 'At least one property failed validation.'],
  TimeZoneNotSupportedException: [400, 'A valid TimeZone value must be specified.'],
  ValidationError: [400, 'Subscription validation request failed.'],
  ErrorAccessDenied: [403, 'Access is denied. Check credentials and try again.'],
  ErrorInvalidRecipients: [400, 'At least one recipient is not valid.'],
  ErrorItemNotFound: [404, 'The specified object was not found in the store.'],
  ErrorInvalidIdMalformed: [400, 'Id is malformed.'],
  ResourceNotFound: [404, 'Resource could not be discovered.'],
  MailboxNotEnabledForRESTAPI: [404, 'The mailbox is either inactive, soft-deleted, or is hosted on-premise.'],
  ErrorDuplicateTransactionId: [
    409,
    "Your request can't be completed. The TransactionId specified in the request has already been used to create a different event.",
  ],
  SyncStateNotFound: [410, 'The sync state generation is not found.'],
  resyncRequired: [410, 'Resync is required.'],
  ErrorIrresolvableConflict: [
    412,
    'The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.',
  ],
  TooManyRequests: [429, 'Too many requests.'],
  ApplicationThrottled: [429, 'Application is over its MailboxConcurrency limit.'],
  ErrorInternalServerError: [500, 'An internal server error occurred. The operation failed.'],
  ServiceUnavailable: [503, 'The service is temporarily unavailable.'],
  notSimulated: [501, 'The simulator does not have this.'],
}

interface Changes {
  readonly status?: number | undefined
  readonly message?: string | undefined
  /** Seconds in the header `Retry-After`. */
  readonly retryAfter?: number | undefined
}

/** A failed request, in the form of Graph. */
export class GraphFailure extends Error {
  override readonly name = 'GraphFailure'
  readonly code: SimulatedGraphCode
  readonly #status: number
  readonly #retryAfter: number | undefined

  constructor(code: SimulatedGraphCode, { status, message, retryAfter }: Changes = {}) {
    super(message ?? kinds[code][1])
    this.code = code
    this.#status = status ?? kinds[code][0]
    this.#retryAfter = retryAfter ?? (this.#status === 429 ? 5 : undefined)
  }

  /** @param now milliseconds since the epoch */
  toResponse(now: number): Response {
    const innerError = {
      date: new Date(now).toISOString().slice(0, 19),
      'request-id': '00000000-0000-4000-8000-000000000000',
      'client-request-id': '00000000-0000-4000-8000-000000000000',
    }
    const headers = this.#retryAfter === undefined ? {} : { 'retry-after': String(this.#retryAfter) }
    return Response.json(
      { error: { code: this.code, message: this.message, innerError } },
      { status: this.#status, headers },
    )
  }
}
