/**
 * Returns whether a header can carry the value (RFC 9110, section 5.5). Runtimes differ in the values and messages of
 * their own checks.
 */
export const isHeaderValue = (value: unknown): value is string =>
  typeof value === 'string' && !/[^\t\x20-\x7e\x80-\xff]/.test(value)

/** Returns whether a key reaches the provider unchanged: it is not empty, and no whitespace would be trimmed. */
export const isHeaderToken = (value: unknown): value is string =>
  isHeaderValue(value) && value !== '' && value.trim() === value

/** Returns whether the string is a header name (RFC 9110, section 5.1). */
export const isHeaderName = (name: string): boolean => /^[\w!#$%&'*+.^`|~-]+$/.test(name)

const MAX_REQUEST_ID_LENGTH = 512

/**
 * Returns a request id as a header value. An id that no header can carry is percent-encoded, because an id must not
 * fail a call.
 */
export function requestIdHeader(id: unknown): string {
  const text = typeof id === 'string' ? id : String(id)
  if (text.length <= MAX_REQUEST_ID_LENGTH && /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(text)) return text
  const encoded = encodeURIComponent(text.slice(0, MAX_REQUEST_ID_LENGTH).toWellFormed())
  return encoded.slice(0, MAX_REQUEST_ID_LENGTH).replace(/%[\dA-F]?$/, '')
}
