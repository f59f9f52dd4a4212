import type { SeedConfig, ServiceName } from 'emulate'
import { get, oauth2, oidc } from '@mcpclient/core/define'
import type { AuthStrategy, OAuthApp, RequestSpec, TokenFields } from '@mcpclient/core/define'

export const REDIRECT_URI = 'https://host.example/callback'
export const APP = { clientId: 'app-of-the-marshes', clientSecret: 'secret-of-the-marshes-4417' } as const
export const PERSON = 'ada@marshes.example'
const TENANT = '6f0d7a52-2f4b-4c57-9a3e-8f1b5c0d9e21'

/** A vendor as its own documentation has it, and where the emulator differs from that. */
export interface Vendor {
  readonly service: ServiceName
  readonly seed: SeedConfig
  /** What the emulator takes itself for, so that its id_tokens name the vendor's issuer. */
  readonly origin: string
  readonly auth: AuthStrategy<TokenFields, OAuthApp>
  readonly baseUrl: string
  /** What the tool of the test asks for, and what it is told. */
  readonly request: RequestSpec
  readonly answer: object
  /** What the page at which a person agrees has to be asked for besides what OAuth asks everywhere. */
  readonly asks: Readonly<Record<string, string>>
  /** What the emulator calls the person in its page. */
  readonly person: string
  /** Addresses that the proxy keeps watch over. */
  readonly authorizationUrl: string
  readonly tokenUrl: string
  readonly revocationUrl?: string | undefined
  /** The address of the vendor as the emulator has it. */
  readonly pathAt?: ((url: URL) => string) | undefined
  /** What the vendor says to a token that is none. */
  readonly unauthorized: object
  /** How the vendor refuses a refresh token or a code. */
  readonly invalidGrant: { readonly status: number; readonly body: object }
  /** What the emulator lacks, so that the proxy plays it. */
  readonly playedByProxy?: {
    /** Tokens that expire, and refresh tokens that can be spent once. */
    readonly refresh?: true
    /** The address at which a grant is ended. */
    readonly revoke?: true
  }
}

const invalidGrant = { status: 400, body: { error: 'invalid_grant' } }

const google: Vendor = {
  service: 'google',
  origin: 'https://accounts.google.com',
  seed: {
    google: {
      users: [{ email: PERSON, name: 'Ada Reed' }],
      oauth_clients: [
        {
          client_id: APP.clientId,
          client_secret: APP.clientSecret,
          name: 'Marshes',
          redirect_uris: [REDIRECT_URI],
        },
      ],
      calendars: [{ id: 'primary', user_email: PERSON, summary: 'Herons', primary: true, time_zone: 'UTC' }],
    },
  },
  auth: oidc({
    issuer: 'https://accounts.google.com',
    authorizationUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
    tokenUrl: 'https://oauth2.googleapis.com/token',
    revocationUrl: 'https://oauth2.googleapis.com/revoke',
    jwksUrl: 'https://www.googleapis.com/oauth2/v3/certs',
    scopes: ['email', 'https://www.googleapis.com/auth/calendar.readonly'],
    authorizationParams: { access_type: 'offline', prompt: 'consent', include_granted_scopes: 'true' },
    asksForAll: false,
    habits: { rotation: 'keep' },
  }),
  baseUrl: 'https://www.googleapis.com/calendar/v3/',
  request: get('users/me/calendarList'),
  answer: { items: [{ summary: 'Herons' }] },
  asks: { access_type: 'offline', prompt: 'consent', include_granted_scopes: 'true' },
  person: PERSON,
  authorizationUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
  tokenUrl: 'https://oauth2.googleapis.com/token',
  revocationUrl: 'https://oauth2.googleapis.com/revoke',
  pathAt: ({ hostname, pathname }) => (hostname === 'oauth2.googleapis.com' ? `/oauth2${pathname}` : pathname),
  unauthorized: { error: { code: 401, message: 'Invalid Credentials', status: 'UNAUTHENTICATED' } },
  invalidGrant,
}

const microsoft: Vendor = {
  service: 'microsoft',
  origin: 'https://login.microsoftonline.com',
  seed: {
    microsoft: {
      users: [{ email: PERSON, name: 'Ada Reed', tenant_id: TENANT }],
      oauth_clients: [
        {
          client_id: APP.clientId,
          client_secret: APP.clientSecret,
          name: 'Marshes',
          redirect_uris: [REDIRECT_URI],
          tenant_id: TENANT,
        },
      ],
    },
  },
  auth: oidc({
    // People of any organization sign in at one address, and the id_token says which one is theirs.
    issuer: 'https://login.microsoftonline.com/common/v2.0',
    issuers: {
      metadata: 'https://login.microsoftonline.com/{tenantid}/v2.0',
      of: ({ tid }) => `https://login.microsoftonline.com/${String(tid)}/v2.0`,
    },
    authorizationUrl: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
    tokenUrl: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
    jwksUrl: 'https://login.microsoftonline.com/common/discovery/v2.0/keys',
    scopes: ['email', 'offline_access', 'https://graph.microsoft.com/User.Read'],
    authorizationParams: { response_mode: 'query' },
    habits: { rotation: 'rotate' },
  }),
  baseUrl: 'https://graph.microsoft.com/v1.0/',
  request: get('me'),
  answer: { displayName: 'Ada Reed', mail: PERSON },
  asks: { response_mode: 'query', scope: 'openid email offline_access https://graph.microsoft.com/User.Read' },
  person: PERSON,
  authorizationUrl: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
  tokenUrl: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
  // The emulator has its endpoints once, not once for each tenant.
  pathAt: ({ pathname }) => pathname.replace(/^\/common(?=\/(?:oauth2|discovery)\/)/, ''),
  unauthorized: { error: { code: 'InvalidAuthenticationToken', message: 'Access token has expired.' } },
  invalidGrant,
}

const GITHUB_WORDS: Readonly<Record<string, string>> = {
  bad_refresh_token: 'invalid_grant',
  bad_verification_code: 'invalid_grant',
  incorrect_client_credentials: 'invalid_client',
}

const githubApp: Vendor = {
  service: 'github',
  origin: 'https://github.com',
  seed: {
    github: {
      users: [{ login: 'ada', name: 'Ada Reed', email: PERSON }],
      oauth_apps: [
        {
          client_id: APP.clientId,
          client_secret: APP.clientSecret,
          name: 'Marshes',
          redirect_uris: [REDIRECT_URI],
        },
      ],
    },
  },
  auth: oauth2({
    authorizationUrl: 'https://github.com/login/oauth/authorize',
    tokenUrl: 'https://github.com/login/oauth/access_token',
    scopes: ['read:user', 'repo'],
    // Refusals come with 200, in words of its own.
    readError(body) {
      const { error } = body as { readonly error?: string }
      return error === undefined ? undefined : { error: GITHUB_WORDS[error] ?? error }
    },
    revoke: {
      method: 'DELETE',
      url: ({ clientId }) => `https://api.github.com/applications/${clientId}/token`,
      authenticate: 'client',
      tokenMember: 'access_token',
    },
    habits: { rotation: 'single_use' },
  }),
  baseUrl: 'https://api.github.com/',
  request: get('user'),
  answer: { login: 'ada', name: 'Ada Reed' },
  asks: { scope: 'read:user repo' },
  person: 'ada',
  authorizationUrl: 'https://github.com/login/oauth/authorize',
  tokenUrl: 'https://github.com/login/oauth/access_token',
  revocationUrl: `https://api.github.com/applications/${APP.clientId}/token`,
  unauthorized: { message: 'Bad credentials', status: '401' },
  invalidGrant: { status: 200, body: { error: 'bad_refresh_token' } },
  playedByProxy: { refresh: true, revoke: true },
}

/** Each is what a name in a test says, the part of the proxy in it included. */
export const vendors = {
  Google: google,
  Microsoft: microsoft,
  'GitHub App (refresh and revocation played by the proxy)': githubApp,
  'GitHub OAuth app (tokens without an end; revocation played by the proxy)': {
    ...githubApp,
    playedByProxy: { revoke: true },
  },
} as const satisfies Readonly<Record<string, Vendor>>
