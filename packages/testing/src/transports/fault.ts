/**
 * The fault of one request.
 * - `pass` none
 * - `refused` the request is never sent: the provider provably did not receive it
 * - `reset` the provider did its work, but the response is lost
 * - `delayed` it waits `ms` before it leaves
 * - `throttled`, `server_error`, `unavailable`, `html` a response of the provider, or of something in front of it
 * - `truncated` the second half of the body is missing
 * - `slow` the body comes in four parts, `ms` apart
 * - `hang` no response, until the request is aborted
 */
export type FaultKind = keyof typeof faultShapes

export interface FaultShape {
  /** Milliseconds; for `delayed` and `slow`, default 1000 */
  readonly ms?: number | undefined
  /** HTTP status of a response that the fault makes up; default 429, 500, 503 and, for `html`, 502 */
  readonly status?: number | undefined
  /** Headers of a response that the fault makes up; default `retry-after: 1` with 429, none else */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Whether the inner transport gets the request before the fault strikes. It always does where its response is needed. */
  readonly reached?: boolean | undefined
}

export interface Fault extends FaultShape {
  readonly kind: FaultKind
}

/** The defaults of each kind. */
export const faultShapes = {
  pass: { reached: true },
  refused: { reached: false },
  reset: { reached: true },
  delayed: { reached: true, ms: 1000 },
  throttled: { reached: false, status: 429, headers: { 'retry-after': '1' } },
  server_error: { reached: false, status: 500 },
  unavailable: { reached: false, status: 503 },
  html: { reached: false, status: 502 },
  truncated: { reached: true },
  slow: { reached: true, ms: 1000 },
  hang: { reached: false },
} as const satisfies Record<string, FaultShape>

/** Kinds that let time pass. */
export const takesTime = (kind: FaultKind): boolean => 'ms' in faultShapes[kind]
