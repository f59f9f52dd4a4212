/**
 * Follows an authorization URL to the callback, like a browser with cookies whose user consents to everything. Returns
 * the callback URL.
 */
export async function agree(url: string, redirectUri: string): Promise<string> {
  const jar = new Map<string, string>()
  for (let hops = 0, at = url; hops < 20; hops++) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(at, { redirect: 'manual', headers: { cookie } })
    await response.body?.cancel()
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null) throw new Error(`The server returned ${response.status} instead of continuing.`)
    at = new URL(location, at).href
    if (at.startsWith(redirectUri)) return at
  }
  throw new Error('The server sends the browser round in circles.')
}
