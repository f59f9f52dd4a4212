import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { ScriptedReply, RecordedRequest } from '@mcpclient/testing'
import { canary } from './detector.ts'
import type { Canary } from './detector.ts'
import { API } from './notes.ts'
import { echoOf } from './provider-failures.ts'
import type { ProviderFailure } from './provider-failures.ts'

export const ISSUER = 'https://as.example'
const LIFE_SECONDS = 3600

const endpoints: Readonly<Record<string, string>> = {
  '/.well-known/oauth-authorization-server': 'metadata',
  '/.well-known/openid-configuration': 'metadata',
  '/par': 'par',
  '/token': 'token',
  '/device': 'device',
  '/revoke': 'revoke',
  '/keys': 'keys',
  '/register': 'register',
}

const signer = await generateKeyPair('RS256')
const publicKey = await exportJWK(signer.publicKey)

/**
 * Creates an authorization server and its API whose secrets a test recognises. On request one of their endpoints
 * fails and repeats the whole request.
 */
export function echoingProvider(options: { readonly nowMs: () => number; readonly dpop?: boolean | undefined }) {
  const secrets = new Map<string, Canary>()
  let issued = 0
  let failure: { readonly at: string; readonly as: ProviderFailure } | undefined
  let nonce: string | undefined
  let state = ''

  const learn = (kind: string, value: string | null | undefined): void => {
    if (value) secrets.set(value, { kind, value })
  }
  const make = (kind: string): string => {
    const made = canary(`${kind} ${++issued}`)
    learn(kind, made.value)
    return made.value
  }

  /** Records the secrets that the client sends. */
  const recordSent = ({ form, json, headers }: RecordedRequest): void => {
    const sent = { ...form, ...(json as object | undefined) } as Readonly<Record<string, string>>
    learn('PKCE verifier', sent['code_verifier'])
    learn('client assertion', sent['client_assertion'])
    learn('assertion', sent['assertion'])
    state = sent['state'] ?? state
    nonce = sent['nonce'] ?? nonce
    learn('state', state)
    learn('Basic authentication', /^Basic (.+)$/.exec(headers['authorization'] ?? '')?.[1])
  }

  const idToken = async () => {
    if (nonce === undefined) return {}
    const seconds = Math.floor(options.nowMs() / 1000)
    const signed = await new SignJWT({ nonce })
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer(ISSUER)
      .setAudience('app-1')
      .setSubject('acct-1')
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + LIFE_SECONDS)
      .sign(signer.privateKey)
    for (const part of signed.split('.').slice(1)) learn('id_token', part)
    return { id_token: signed }
  }

  const tokens = async () => ({
    access_token: make('access token'),
    token_type: options.dpop === true ? 'DPoP' : 'Bearer',
    expires_in: LIFE_SECONDS,
    refresh_token: make('refresh token'),
    scope: 'openid notes',
    ...(await idToken()),
  })

  const responses: Readonly<Record<string, () => ScriptedReply | Promise<ScriptedReply>>> = {
    metadata: () => ({
      json: {
        issuer: ISSUER,
        authorization_endpoint: `${ISSUER}/authorize`,
        token_endpoint: `${ISSUER}/token`,
        revocation_endpoint: `${ISSUER}/revoke`,
        registration_endpoint: `${ISSUER}/register`,
        jwks_uri: `${ISSUER}/keys`,
        code_challenge_methods_supported: ['S256'],
        id_token_signing_alg_values_supported: ['RS256'],
      },
    }),
    par: () => ({ status: 201, json: { request_uri: 'urn:pushed:1', expires_in: 60 } }),
    token: async () => ({ json: await tokens() }),
    device: () => ({
      json: {
        device_code: make('device code'),
        user_code: 'AB-CD',
        verification_uri: `${ISSUER}/activate`,
        expires_in: 1800,
        interval: 5,
      },
    }),
    revoke: () => ({ status: 200 }),
    keys: () => ({ json: { keys: [{ ...publicKey, alg: 'RS256', use: 'sig' }] } }),
    register: () => ({ status: 201, json: { client_id: 'app-1', client_secret: make('registered client secret') } }),
    api: () => ({ json: { id: 'acct-1', text: 'fine' } }),
  }

  return {
    secrets,
    learn,
    make,
    /** Makes one endpoint fail, until the next call. */
    failAt: (at?: string, as?: ProviderFailure) => {
      failure = at === undefined || as === undefined ? undefined : { at, as }
    },
    /** Records that the user visits this URL. */
    visit: ({ searchParams }: URL) => {
      nonce = searchParams.get('nonce') ?? nonce
      state = searchParams.get('state') ?? state
      learn('state', state)
    },
    async respond(request: RecordedRequest): Promise<ScriptedReply> {
      recordSent(request)
      const { origin } = new URL(request.url)
      const endpoint = origin === API ? 'api' : (endpoints[request.path] ?? 'unknown')
      const reply = (await responses[endpoint]?.()) ?? { status: 404, json: {} }
      if (failure?.at !== endpoint) return reply
      // The provider knows the state that belongs to the code.
      const known = request.form?.['code'] === undefined ? [] : [state]
      return failure.as([...valuesIn(request), ...known, echoOf(request)].join(' '))
    },
  }
}

/** Returns each value alone, as a server has it after parsing the request. */
function valuesIn({ form, json, headers, url }: RecordedRequest): readonly string[] {
  const [, basic = ''] = /^Basic (.+)$/.exec(headers['authorization'] ?? '') ?? []
  return [
    ...Object.values({ ...form, ...(json as object | undefined) }).map(String),
    ...new URL(url).searchParams.values(),
    ...Object.values(headers),
    ...atob(basic)
      .split(':')
      .map((part) => decodeURIComponent(part.replaceAll('+', ' '))),
  ]
}
