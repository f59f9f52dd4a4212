/** The `reason` of a failure. `notSimulated` is the simulator's own: Google has the feature, the simulator does not. */
export type SimulatedReason =
  | 'invalid'
  | 'required'
  | 'parseError'
  | 'timeRangeEmpty'
  | 'channelIdNotUnique'
  | 'push.webhookUrlNotHttps'
  | 'authError'
  | 'forbidden'
  | 'requiredAccessLevel'
  | 'userRateLimitExceeded'
  | 'rateLimitExceeded'
  | 'quotaExceeded'
  | 'notFound'
  | 'duplicate'
  | 'fullSyncRequired'
  | 'updatedMinTooLongAgo'
  | 'deleted'
  | 'conditionNotMet'
  | 'backendError'
  | 'notSimulated'

interface Kind {
  readonly status: number
  readonly domain: string
  readonly message: string
  readonly location?: string
  readonly locationType?: 'parameter' | 'header'
}

/**
 * The failures that the simulator sends, by Google's `reason`.
 * Statuses and texts are those of https://developers.google.com/workspace/calendar/api/guides/errors, where it lists the reason.
 */
const kinds: Readonly<Record<SimulatedReason, Kind>> = {
  invalid: { status: 400, domain: 'global', message: 'Invalid Value' },
  required: { status: 400, domain: 'global', message: 'Required' },
  parseError: { status: 400, domain: 'global', message: 'Parse Error' },
  timeRangeEmpty: {
    status: 400,
    domain: 'calendar',
    message: 'The specified time range is empty.',
    locationType: 'parameter',
    location: 'timeMax',
  },
  channelIdNotUnique: { status: 400, domain: 'global', message: 'Channel id not unique' },
  'push.webhookUrlNotHttps': { status: 400, domain: 'global', message: 'WebHook callback must be HTTPS' },
  authError: {
    status: 401,
    domain: 'global',
    message: 'Invalid Credentials',
    locationType: 'header',
    location: 'Authorization',
  },
  forbidden: { status: 403, domain: 'global', message: 'Forbidden' },
  requiredAccessLevel: {
    status: 403,
    domain: 'calendar',
    message: 'You need to have writer access to this calendar.',
  },
  userRateLimitExceeded: { status: 403, domain: 'usageLimits', message: 'User Rate Limit Exceeded' },
  rateLimitExceeded: { status: 403, domain: 'usageLimits', message: 'Rate Limit Exceeded' },
  quotaExceeded: { status: 403, domain: 'usageLimits', message: 'Calendar usage limits exceeded.' },
  notFound: { status: 404, domain: 'global', message: 'Not Found' },
  duplicate: { status: 409, domain: 'global', message: 'The requested identifier already exists.' },
  fullSyncRequired: {
    status: 410,
    domain: 'calendar',
    message: 'Sync token is no longer valid, a full sync is required.',
    locationType: 'parameter',
    location: 'syncToken',
  },
  updatedMinTooLongAgo: {
    status: 410,
    domain: 'calendar',
    message: 'The requested minimum modification time lies too far in the past.',
    locationType: 'parameter',
    location: 'updatedMin',
  },
  deleted: { status: 410, domain: 'global', message: 'Resource has been deleted' },
  conditionNotMet: {
    status: 412,
    domain: 'global',
    message: 'Precondition Failed',
    locationType: 'header',
    location: 'If-Match',
  },
  backendError: { status: 500, domain: 'global', message: 'Backend Error' },
  notSimulated: { status: 501, domain: 'simulator', message: 'The simulator does not have this.' },
}

/** A failed request, in Google's form. */
export class GoogleFailure extends Error {
  override readonly name = 'GoogleFailure'
  readonly #kind: Kind
  readonly #reason: SimulatedReason

  constructor(reason: SimulatedReason, changes: Partial<Kind> = {}) {
    const kind = { ...kinds[reason], ...changes }
    super(kind.message)
    this.#kind = kind
    this.#reason = reason
  }

  toResponse(): Response {
    const { status: code, domain, message, locationType, location } = this.#kind
    const detail = { domain, reason: this.#reason, message, ...(location !== undefined && { locationType, location }) }
    return Response.json({ error: { errors: [detail], code, message } }, { status: code })
  }
}

/** Returns the failure for a parameter that Google does not accept. */
export const invalidParameter = (location: string, message?: string): GoogleFailure =>
  new GoogleFailure('invalid', { locationType: 'parameter', location, ...(message !== undefined && { message }) })
