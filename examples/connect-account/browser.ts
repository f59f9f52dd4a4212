/**
 * Does what the user's browser does with an authorization URL: follows the provider's redirects and keeps its cookies.
 * Returns the full callback URL.
 */
export async function browse(url: string, redirectUri: string): Promise<string> {
  const cookies = new Map<string, string>()
  for (let at = url, hops = 0; hops < 20; hops++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(at, { redirect: 'manual', headers: { cookie } })
    await response.body?.cancel()
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null) throw new Error(`The provider returned ${response.status} instead of a redirect.`)
    at = new URL(location, at).href
    if (at.startsWith(redirectUri)) return at
  }
  throw new Error('The provider redirected too often.')
}
