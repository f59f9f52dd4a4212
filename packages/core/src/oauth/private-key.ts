import { importJWK, importPKCS8 } from 'jose'
import type { CryptoKey } from 'jose'
import { ConnectorError } from '../errors/connector-error.ts'

export interface SigningKey {
  readonly key: CryptoKey
  readonly kid?: string | undefined
  readonly algorithm: string
}

/** The supported algorithms, in order of preference for RSA keys. Other keys have one algorithm each. */
const algorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'Ed25519'] as const

/**
 * Reads a private key: PKCS#8 as PEM, with line ends escaped or not, or a JSON Web Key, as an object or a string.
 * @param supported the algorithms that the server accepts; if absent, all of ours
 * @throws ConnectorError CONFIGURATION_ERROR
 */
export async function readPrivateKey(
  given: unknown,
  options: { readonly kid?: string | undefined; readonly supported?: readonly string[] | undefined } = {},
): Promise<SigningKey> {
  const { supported } = options
  const usable = algorithms.filter((algorithm) => supported === undefined || supported.includes(algorithm))
  const jwk = asJwk(given)
  const kid = options.kid ?? (typeof jwk?.['kid'] === 'string' ? jwk['kid'] : undefined)
  const named = typeof jwk?.['alg'] === 'string' ? [jwk['alg']] : usable
  for (const algorithm of named) {
    const key = await imported(given, jwk, algorithm)
    if (key !== undefined) return { key, kid, algorithm }
  }
  throw new ConnectorError('CONFIGURATION_ERROR', 'The private key cannot be used to sign.', {
    outcome: 'not_processed',
    hint:
      typeof given === 'string' && /BEGIN (?:RSA|EC) PRIVATE KEY/.test(given)
        ? 'Convert the key to PKCS#8 with `openssl pkcs8 -topk8 -nocrypt`.'
        : `Pass PKCS#8 as PEM ("BEGIN PRIVATE KEY") or a JSON Web Key, for one of ${usable.join(', ') || 'the server'}.`,
  })
}

async function imported(given: unknown, jwk: Jwk | undefined, algorithm: string): Promise<CryptoKey | undefined> {
  try {
    // Environment variables often hold the line ends as two characters.
    if (jwk === undefined) return await importPKCS8(String(given).replaceAll(String.raw`\n`, '\n'), algorithm)
    const key = await importJWK(jwk, algorithm)
    return key instanceof Uint8Array || key.type !== 'private' ? undefined : key
  } catch {
    return undefined
  }
}

type Jwk = Readonly<Record<string, unknown>>

function asJwk(given: unknown): Jwk | undefined {
  if (typeof given === 'object' && given !== null) return given as Jwk
  if (typeof given !== 'string' || !given.trimStart().startsWith('{')) return undefined
  try {
    return JSON.parse(given) as Jwk
  } catch {
    return undefined
  }
}
