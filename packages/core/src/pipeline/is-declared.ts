/**
 * Whether a URL is one that the connector may send to: the base URL's own origin, or https on a declared host.
 * @param base the base URL
 * @param hosts host names; `*.example.com` stands for every subdomain
 */
export const isDeclared = (url: URL, base: string, hosts: readonly string[] = []): boolean =>
  url.origin === new URL(base).origin ||
  (url.protocol === 'https:' &&
    url.username === '' &&
    hosts.some((host) => (host.startsWith('*.') ? url.hostname.endsWith(host.slice(1)) : url.host === host)))
