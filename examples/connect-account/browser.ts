/**
 * What the person's browser does with the URL of an authorization: follows the provider's redirects, keeps its cookies,
 * and ends at the host's callback, whose whole address it answers.
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
    if (location === null) throw new Error(`The provider answered ${response.status} instead of going on.`)
    at = new URL(location, at).href
    if (at.startsWith(redirectUri)) return at
  }
  throw new Error('The provider sends the browser round in circles.')
}
