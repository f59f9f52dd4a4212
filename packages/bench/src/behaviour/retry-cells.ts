export const failures = {
  rate_limited: '429, Retry-After: 1',
  internal_error: '500',
  unavailable: '503',
  reset: 'connection reset',
  truncated: 'response cut off',
  silent: 'no response in time',
} as const
export type FailureKind = keyof typeof failures
export const failureKinds = Object.keys(failures) as FailureKind[]

export const effects = {
  read: { name: 'read', method: 'GET' },
  idempotent: { name: 'idempotent write', method: 'PUT' },
  keyed: { name: 'write with an idempotency key', method: 'POST' },
  write: { name: 'write', method: 'POST' },
  destroy: { name: 'destroy', method: 'DELETE' },
} as const
export type EffectKind = keyof typeof effects
export const effectKinds = Object.keys(effects) as EffectKind[]

/** A call that fails. */
export interface RetryCell {
  /** The address at which the server fails as the cell says, without the query. */
  readonly url: string
  readonly effect: EffectKind
}

/** The header with which a provider recognizes a repeated write. */
export const KEY_HEADER = 'idempotency-key'
/** Time limit of one request. */
export const REQUEST_MS = 500
/** A wait before a retry. Only the waits that the server requires take longer. */
export const WAIT_MS = 1

export const retryClientNames = {
  ours: 'ours',
  ky: 'ky',
  p_retry: 'p-retry + fetch',
  octokit: '@octokit/plugin-retry',
} as const
export type RetryClient = keyof typeof retryClientNames
export const retryClients = Object.keys(retryClientNames) as RetryClient[]
