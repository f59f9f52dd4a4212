/** Failures that come before a byte of the request has left. */
const before = new Set([
  'ECONNREFUSED',
  'ConnectionRefused',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** How deep a runtime hides the system's code inside an error. */
const DEEPEST = 4

/** Whether a failed `fetch` provably sent nothing; false where the runtime does not tell. */
export function neverLeft(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > DEEPEST) return false
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: readonly unknown[] }
  if (typeof code === 'string') return before.has(code)
  return neverLeft(cause ?? errors?.[0], depth + 1)
}
