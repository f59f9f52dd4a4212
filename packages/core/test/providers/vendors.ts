import { randomBytes } from 'node:crypto'
import { errorTable, get, oauth2, oidc, post, valueAt } from '@mcpclient/core/define'
import type { Revocation, Vendor } from './vendor.ts'

export const REDIRECT_URI = 'https://host.example/callback'
export const APP = { clientId: 'app-of-the-marshes', clientSecret: 'secret-of-the-marshes-4417' } as const
export const PERSON = 'ada@marshes.example'
const TENANT = '6f0d7a52-2f4b-4c57-9a3e-8f1b5c0d9e21'

/** The app as it is registered in the emulators. */
const REGISTERED = {
  client_id: APP.clientId,
  client_secret: APP.clientSecret,
  name: 'Heron',
  redirect_uris: [REDIRECT_URI],
}

const invalidGrant = { status: 400, code: { error: 'invalid_grant' }, refreshToken: { error: 'invalid_grant' } }

const google: Vendor = {
  service: 'google',
  origin: 'https://accounts.google.com',
  seed: {
    google: {
      users: [{ email: PERSON, name: 'Ada Reed' }],
      oauth_clients: [REGISTERED],
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
    authorize: { params: { access_type: 'offline', prompt: 'consent', include_granted_scopes: 'true' } },
    incrementalConsent: true,
    refresh: { rotation: 'keep' },
  }),
  baseUrl: 'https://www.googleapis.com/calendar/v3/',
  request: get('users/me/calendarList'),
  response: { items: [{ summary: 'Herons' }] },
  authorizationParams: { access_type: 'offline', prompt: 'consent', include_granted_scopes: 'true' },
  pkce: true,
  userName: PERSON,
  authorizationUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
  tokenUrl: 'https://oauth2.googleapis.com/token',
  revocationUrl: 'https://oauth2.googleapis.com/revoke',
  pathAt: ({ hostname, pathname }) => (hostname === 'oauth2.googleapis.com' ? `/oauth2${pathname}` : pathname),
  unauthorized: {
    status: 401,
    body: { error: { code: 401, message: 'Invalid Credentials', status: 'UNAUTHENTICATED' } },
  },
  invalidGrant,
}

const microsoft: Vendor = {
  service: 'microsoft',
  origin: 'https://login.microsoftonline.com',
  seed: {
    microsoft: {
      users: [{ email: PERSON, name: 'Ada Reed', tenant_id: TENANT }],
      oauth_clients: [{ ...REGISTERED, tenant_id: TENANT }],
    },
  },
  auth: oidc({
    // Users of any organization sign in at one URL, and the id_token names their organization.
    issuer: 'https://login.microsoftonline.com/common/v2.0',
    issuers: {
      metadata: 'https://login.microsoftonline.com/{tenantid}/v2.0',
      of: ({ tid }) => `https://login.microsoftonline.com/${String(tid)}/v2.0`,
    },
    authorizationUrl: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
    tokenUrl: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
    jwksUrl: 'https://login.microsoftonline.com/common/discovery/v2.0/keys',
    scopes: ['email', 'offline_access', 'https://graph.microsoft.com/User.Read'],
    authorize: { params: { response_mode: 'query' } },
    refresh: { rotation: 'rotate' },
  }),
  baseUrl: 'https://graph.microsoft.com/v1.0/',
  request: get('me'),
  response: { displayName: 'Ada Reed', mail: PERSON },
  authorizationParams: {
    response_mode: 'query',
    scope: 'openid email offline_access https://graph.microsoft.com/User.Read',
  },
  pkce: true,
  userName: PERSON,
  authorizationUrl: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
  tokenUrl: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
  // The emulator has one set of endpoints, not one for each tenant.
  pathAt: ({ pathname }) => pathname.replace(/^\/common(?=\/(?:oauth2|discovery)\/)/, ''),
  unauthorized: {
    status: 401,
    body: { error: { code: 'InvalidAuthenticationToken', message: 'Access token has expired.' } },
  },
  invalidGrant,
}

/** Handles revocation with the app's own client id and secret, for one token. */
const githubRevocation: Revocation = ({ authorization, body }, end) => {
  if (authorization !== `Basic ${btoa(Object.values(APP).join(':'))}`) {
    return Response.json({ message: 'Requires authentication' }, { status: 401 })
  }
  const { access_token } = JSON.parse(body) as { readonly access_token: string }
  return end(access_token)
    ? new Response(null, { status: 204 })
    : Response.json({ message: 'Not Found' }, { status: 404 })
}

const githubApp: Vendor = {
  service: 'github',
  origin: 'https://github.com',
  seed: {
    github: {
      users: [{ login: 'ada', name: 'Ada Reed', email: PERSON }],
      oauth_apps: [REGISTERED],
    },
  },
  auth: oauth2({
    authorizationUrl: 'https://github.com/login/oauth/authorize',
    tokenUrl: 'https://github.com/login/oauth/access_token',
    scopes: ['read:user', 'repo'],
    revoke: {
      method: 'DELETE',
      url: ({ clientId }) => `https://api.github.com/applications/${clientId}/token`,
      authenticate: 'client',
      tokenMember: 'access_token',
    },
    refresh: { rotation: 'single_use' },
  }),
  baseUrl: 'https://api.github.com/',
  request: get('user'),
  response: { login: 'ada', name: 'Ada Reed' },
  authorizationParams: { scope: 'read:user repo' },
  pkce: true,
  userName: 'ada',
  authorizationUrl: 'https://github.com/login/oauth/authorize',
  tokenUrl: 'https://github.com/login/oauth/access_token',
  revocationUrl: `https://api.github.com/applications/${APP.clientId}/token`,
  unauthorized: { status: 401, body: { message: 'Bad credentials', status: '401' } },
  invalidGrant: {
    status: 200,
    code: { error: 'bad_verification_code' },
    refreshToken: { error: 'bad_refresh_token' },
  },
  playedByProxy: {
    refresh: {
      tokens: () => ({
        access_token: `ghu_${randomText()}`,
        expires_in: 28_800,
        refresh_token: `ghr_${randomText()}`,
        refresh_token_expires_in: 15_897_600,
      }),
      endsTheOneBefore: true,
      wrongSecret: { error: 'incorrect_client_credentials' },
    },
    revoke: githubRevocation,
  },
}

const slackErrors = errorTable(
  { code: 'error', refused: (body) => valueAt(body, 'ok') === false },
  { invalid_auth: { code: 'MCP_AUTHENTICATION_FAILURE' } },
)

const slack: Vendor = {
  service: 'slack',
  origin: 'https://slack.com',
  seed: {
    slack: {
      team: { name: 'Marshes', domain: 'marshes' },
      users: [{ name: 'ada', real_name: 'Ada Reed', email: PERSON }],
      oauth_apps: [REGISTERED],
    },
  },
  auth: oauth2({
    authorizationUrl: 'https://slack.com/oauth/v2/authorize',
    tokenUrl: 'https://slack.com/api/oauth.v2.access',
    clientAuthentication: 'post',
    scopes: ['chat:write', 'channels:read'],
    scopeSeparator: ',',
    pkce: false,
    refresh: { rotation: 'single_use' },
    // Slack calls the type `bot`.
    token: { read: (body) => ({ members: { ...(body as object), token_type: 'bearer' } }) },
    errors: slackErrors,
    revoke: { url: 'https://slack.com/api/auth.revoke', authenticate: 'token', each: true },
  }),
  baseUrl: 'https://slack.com/api/',
  errors: slackErrors,
  request: post('auth.test'),
  response: { ok: true, team: 'Marshes', user: 'heron' },
  authorizationParams: { scope: 'chat:write,channels:read' },
  pkce: false,
  userName: PERSON,
  authorizationUrl: 'https://slack.com/oauth/v2/authorize',
  tokenUrl: 'https://slack.com/api/oauth.v2.access',
  revocationUrl: 'https://slack.com/api/auth.revoke',
  unauthorized: { status: 200, body: { ok: false, error: 'invalid_auth' } },
  invalidGrant: {
    status: 200,
    code: { ok: false, error: 'invalid_code' },
    refreshToken: { ok: false, error: 'invalid_refresh_token' },
  },
  playedByProxy: {
    refresh: {
      tokens: () => ({
        access_token: `xoxe.xoxb-1-${randomText()}`,
        expires_in: 43_200,
        refresh_token: `xoxe-1-${randomText()}`,
      }),
      endsTheOneBefore: false,
      wrongSecret: { ok: false, error: 'bad_client_secret' },
    },
    // It revokes only the token that authenticates the request.
    revoke: ({ authorization }, end) =>
      Response.json(
        end(authorization.replace('Bearer ', '')) ? { ok: true, revoked: true } : { ok: false, error: 'invalid_auth' },
      ),
  },
}

const randomText = (): string => randomBytes(18).toString('hex')

/** The vendors by the names that the tests show, with the features that the proxy implements. */
export const vendors = {
  Google: google,
  Microsoft: microsoft,
  'GitHub App (refresh and revocation played by the proxy)': githubApp,
  'GitHub OAuth app (tokens without an end; revocation played by the proxy)': {
    ...githubApp,
    playedByProxy: { revoke: githubRevocation },
  },
  'Slack (token rotation and revocation played by the proxy)': slack,
} as const satisfies Readonly<Record<string, Vendor>>
