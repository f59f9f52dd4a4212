import { generateKeyPairSync } from 'node:crypto'
import { clientCredentials, jwtBearer, oauth2, oidc, tokenExchange } from '@mcpclient/core/define'
import type { AuthStrategy } from '@mcpclient/core/define'
import type { RecordedRequest } from '@mcpclient/testing'
import { canary } from './detector.ts'
import type { Canary } from './detector.ts'
import { notesWith } from './notes.ts'
import { ISSUER, echoingProvider } from './echoing-provider.ts'
import { REDIRECT_URI, witnessedClient } from './witness.ts'
import type { WitnessOptions } from './witness.ts'

/** One way to obtain a grant. */
export interface GrantFlowRow {
  readonly auth: AuthStrategy
  /** The options of the composition. */
  readonly app?: object
  /** The credential that the user enters, for flows without consent. */
  readonly typed?: object
  readonly flow?: 'redirect' | 'device'
  readonly canaries: readonly Canary[]
  /** The kinds of secrets that exist at the end. */
  readonly kinds: readonly string[]
  /** The endpoints that the flow calls. */
  readonly endpoints: readonly string[]
  readonly dpop?: true
  /** True if the flow never obtains a grant. */
  readonly isBroken?: true
  /** The places in URLs where the protocol itself puts secrets, as the witness names them. */
  readonly inUrls: readonly string[]
}

const clientSecret = canary('client secret', '"+/=&% ä')
const subjectToken = canary('subject token')
const app = { clientId: 'app-1', clientSecret: clientSecret.value }

const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ format: 'pem', type: 'pkcs8' })
  .toString()
const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
const pemLines = pem
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('---'))
  .map((value) => ({ kind: 'private key', value }))
const jwkSecret = { kind: 'private JSON Web Key', value: String(jwk.d) }

const written = {
  authorizationUrl: `${ISSUER}/authorize`,
  tokenUrl: `${ISSUER}/token`,
  revocationUrl: `${ISSUER}/revoke`,
  scopes: ['notes'],
}
const openId = { ...written, issuer: ISSUER, jwksUrl: `${ISSUER}/keys` }
const CODE = ['state', 'code', 'PKCE verifier', 'access token', 'refresh token']
const STATE_IN_URL = ['authorize URL: state']

const rows = {
  'a code, with OpenID Connect': {
    auth: oidc(openId),
    app,
    canaries: [clientSecret],
    kinds: [...CODE, 'client secret', 'id_token'],
    endpoints: ['token', 'keys', 'revoke', 'api'],
    inUrls: STATE_IN_URL,
  },
  'a code, pushed, with Basic and JSON': {
    auth: oauth2({ ...written, parUrl: `${ISSUER}/par`, clientAuthentication: 'basic', token: { format: 'json' } }),
    app,
    canaries: [clientSecret],
    kinds: [...CODE, 'client secret', 'Basic authentication'],
    endpoints: ['par', 'token', 'revoke', 'api'],
    inUrls: [],
  },
  'a code, with a private key and DPoP': {
    auth: oauth2({ ...written, clientAuthentication: 'private_key_jwt', dpop: true }),
    app: { clientId: 'app-1', privateKey: pem, keyId: 'k1' },
    canaries: pemLines,
    kinds: [...CODE, 'private key', 'client assertion', 'DPoP key'],
    endpoints: ['token', 'revoke', 'api'],
    dpop: true,
    inUrls: STATE_IN_URL,
  },
  'a code, at a server that is met at run time': {
    auth: oauth2({ issuer: ISSUER, scopes: ['notes'], registration: { clientName: 'Notes' } }),
    canaries: [],
    kinds: [...CODE, 'registered client secret'],
    endpoints: ['metadata', 'register', 'token', 'revoke', 'api'],
    inUrls: STATE_IN_URL,
  },
  'a code, and an access token that is exchanged in a URL': {
    auth: oauth2({
      ...written,
      exchange: {
        refresh: {
          url: `${ISSUER}/token`,
          grantType: 'exchange',
          tokenParameter: 'access_token',
          sends: ['client_id', 'client_secret'],
          method: 'GET',
        },
      },
    }),
    app,
    canaries: [clientSecret],
    kinds: [...CODE, 'client secret'],
    endpoints: ['token', 'revoke', 'api'],
    inUrls: [
      ...STATE_IN_URL,
      `URL of a request to ${ISSUER}: access token`,
      `URL of a request to ${ISSUER}: client secret`,
    ],
  },
  'a device': {
    auth: oauth2({ ...written, deviceUrl: `${ISSUER}/device` }),
    app,
    flow: 'device',
    canaries: [clientSecret],
    kinds: ['client secret', 'device code', 'access token', 'refresh token'],
    endpoints: ['device', 'token', 'revoke', 'api'],
    inUrls: [],
  },
  'client credentials': {
    auth: clientCredentials({ tokenUrl: written.tokenUrl, revocationUrl: written.revocationUrl }),
    typed: app,
    canaries: [clientSecret],
    kinds: ['client secret', 'access token'],
    endpoints: ['token', 'revoke', 'api'],
    inUrls: [],
  },
  'client credentials of the app itself, with a JSON Web Key': {
    auth: clientCredentials({ tokenUrl: written.tokenUrl, clientAuthentication: 'private_key_jwt' }),
    app: { clientId: 'app-1', privateKey: JSON.stringify(jwk) },
    canaries: [jwkSecret],
    kinds: ['private JSON Web Key', 'client assertion', 'access token'],
    endpoints: ['token', 'api'],
    inUrls: [],
  },
  'an assertion': {
    auth: jwtBearer({ tokenUrl: written.tokenUrl }),
    typed: { clientId: 'app-1', privateKey: pem.replaceAll('\n', String.raw`\n`), subject: 'ada' },
    canaries: pemLines,
    kinds: ['private key', 'assertion', 'access token'],
    endpoints: ['token', 'api'],
    inUrls: [],
  },
  'an assertion with a key that is cut off': {
    auth: jwtBearer({ tokenUrl: written.tokenUrl }),
    typed: { clientId: 'app-1', privateKey: pem.slice(0, -40) },
    canaries: pemLines.slice(0, 1),
    kinds: ['private key'],
    endpoints: ['token'],
    isBroken: true,
    inUrls: [],
  },
  'a token exchange': {
    auth: tokenExchange({ tokenUrl: written.tokenUrl }),
    app,
    typed: { subjectToken: subjectToken.value },
    canaries: [clientSecret, subjectToken],
    kinds: ['client secret', 'subject token', 'access token'],
    endpoints: ['token', 'api'],
    inUrls: [],
  },
} as const satisfies Readonly<Record<string, GrantFlowRow>>

export const grantFlows: Readonly<Record<keyof typeof rows, GrantFlowRow>> = rows

/** Composes a client that obtains a grant in one of these ways, from a provider that knows all of its secrets. */
export function flowClient(
  { auth, app = {}, typed, flow, canaries, dpop }: GrantFlowRow,
  options: WitnessOptions = {},
) {
  let now = 0
  const provider = echoingProvider({ nowMs: () => now, dpop })
  for (const { kind, value } of canaries) provider.learn(kind, value)
  const answer = (request: RecordedRequest) => {
    now = scene.clock.now()
    return provider.respond(request)
  }
  const scene = witnessedClient({ notes: notesWith(auth)(app) }, answer, options)
  const { attempt, mcp, clock, witness } = scene
  const notes = scene.client('notes')

  /** Starts the flow and visits the authorization URL, if there is one; returns the device wait, if any. */
  const begin = (when: string) =>
    attempt(`connecting ${when}`, async () => {
      const started = await notes.connect(typed, flow === undefined ? {} : { flow })
      if (started.status !== 'authorize') return undefined
      if (started.wait !== undefined) return { wait: started.wait }
      provider.visit(new URL(started.url))
      witness.see('authorize URL', started.url)
      return undefined
    })

  /** @param alter changes the callback URL on its way back */
  const connect = async (when: string, alter?: (callback: URL) => void) => {
    const begun = await begin(when)
    const states = [...provider.secrets.values()].filter(({ kind }) => kind === 'state')
    const callback = new URL(REDIRECT_URI)
    callback.searchParams.set('state', states.at(-1)?.value ?? '')
    callback.searchParams.set('code', provider.make('code'))
    alter?.(callback)
    if (begun?.wait !== undefined) await attempt(`waiting ${when}`, () => clock.until(begun.wait()))
    else if (states.length > 0)
      await attempt(`completing ${when}`, () => mcp.completeAuthorization(callback, { tenant: 'ada', user: 'bob' }))
    return callback
  }
  return { scene, provider, connect }
}
