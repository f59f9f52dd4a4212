/** Returns whether a URL never leaves this machine (RFC 8252, section 7.3; RFC 6761, section 6.3). */
export const isLoopback = ({ hostname }: URL): boolean =>
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  hostname === '[::1]' ||
  /^127\.\d+\.\d+\.\d+$/.test(hostname)

/**
 * Returns the problem of a redirect URI as the rest of a sentence, or undefined if it is valid. A scheme other than
 * http(s) belongs to a native app (RFC 8252, section 7.1) and contains a dot.
 */
export function redirectUriProblem(value: unknown): string | undefined {
  // The placeholder stands for a connector's id, which any part of a URL can contain.
  const filled = typeof value === 'string' ? value.replaceAll('{serverId}', 'id') : ''
  if (!URL.canParse(filled)) return 'must be an absolute URL such as https://app.example/callback'
  const url = new URL(filled)
  if (url.protocol === 'http:' && !isLoopback(url)) return 'must use https: http is for loopback addresses'
  if (url.protocol !== 'http:' && url.protocol !== 'https:' && !url.protocol.includes('.')) {
    return 'must use https, or the scheme of a native app'
  }
  if (filled.includes('#')) return 'must not have a fragment'
  return url.username + url.password === '' ? undefined : 'must not contain a user name or a password'
}
