import { isLoopback } from './loopback.ts'

/**
 * Returns what is wrong with a redirect URI, as the rest of a sentence about it; undefined if nothing is. Other schemes than
 * http(s) are those of native apps (RFC 8252, section 7.1), which have a dot in them.
 */
export function redirectUriProblem(value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value))
    return 'must be an absolute URL such as https://app.example/callback'
  const url = new URL(value)
  if (url.protocol === 'http:' && !isLoopback(url)) return 'must use https: http is for loopback addresses'
  if (url.protocol !== 'http:' && url.protocol !== 'https:' && !url.protocol.includes('.')) {
    return 'must use https, or the scheme of a native app'
  }
  if (value.includes('#')) return 'must not have a fragment'
  return url.username + url.password === '' ? undefined : 'must not contain a user name or a password'
}
