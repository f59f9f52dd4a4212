/** The `reason` of a failure. `notSimulated` is the simulator's own: Gmail has the feature, the simulator does not. */
export type SimulatedGmailReason =
  | 'invalidArgument'
  | 'authError'
  | 'userRateLimitExceeded'
  | 'rateLimitExceeded'
  | 'notFound'
  | 'aborted'
  | 'backendError'
  | 'notSimulated'

interface Kind {
  readonly status: number
  readonly domain: string
  readonly message: string
}

/** Source: https://developers.google.com/workspace/gmail/api/guides/handle-errors */
const kinds: Readonly<Record<SimulatedGmailReason, Kind>> = {
  invalidArgument: { status: 400, domain: 'global', message: 'Invalid argument' },
  authError: { status: 401, domain: 'global', message: 'Invalid Credentials' },
  userRateLimitExceeded: { status: 403, domain: 'usageLimits', message: 'User Rate Limit Exceeded' },
  rateLimitExceeded: { status: 429, domain: 'usageLimits', message: 'Rate Limit Exceeded' },
  notFound: { status: 404, domain: 'global', message: 'Requested entity was not found.' },
  aborted: { status: 409, domain: 'global', message: 'Label name exists or conflicts' },
  backendError: { status: 500, domain: 'global', message: 'Backend Error' },
  notSimulated: { status: 501, domain: 'simulator', message: 'The simulator does not have this.' },
}

/** A failed request, in Google's form. */
export class GmailFailure extends Error {
  override readonly name = 'GmailFailure'
  readonly #kind: Kind
  readonly #reason: SimulatedGmailReason

  constructor(reason: SimulatedGmailReason, changes: Partial<Kind> = {}) {
    const kind = { ...kinds[reason], ...changes }
    super(kind.message)
    this.#kind = kind
    this.#reason = reason
  }

  toResponse(): Response {
    const { status: code, domain, message } = this.#kind
    return Response.json(
      { error: { errors: [{ domain, reason: this.#reason, message }], code, message } },
      { status: code },
    )
  }
}

export const invalid = (message: string): GmailFailure => new GmailFailure('invalidArgument', { message })
