import type { Signature } from '../ports/transport.ts'

const encoder = new TextEncoder()

/** A token, and the app whose secret it is proved with. */
interface Proven {
  readonly accessToken: string
  readonly app?: Readonly<Record<string, unknown>> | undefined
}

/** Adds the proof that the app knows its client secret to a signature. */
export async function provenSignature(
  { headers = {}, query }: Signature,
  parameter: string,
  proven: Proven,
): Promise<Signature> {
  return { headers, query: { ...query, ...(await proof(parameter, proven)) } }
}

/** Adds the proof to a URL that is requested with the access token. */
export async function provenUrl(url: string, parameter: string | undefined, proven: Proven): Promise<string> {
  if (parameter === undefined) return url
  const target = new URL(url)
  for (const [name, value] of Object.entries(await proof(parameter, proven))) target.searchParams.set(name, value)
  return target.href
}

/** Returns the HMAC-SHA-256 of the access token as a query parameter, or none if the app has no secret. */
async function proof(parameter: string, { accessToken, app = {} }: Proven): Promise<Readonly<Record<string, string>>> {
  const { clientSecret } = app
  if (typeof clientSecret !== 'string') return {}
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', encoder.encode(clientSecret), algorithm, false, ['sign'])
  const digest = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(accessToken)))
  return { [parameter]: Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') }
}
