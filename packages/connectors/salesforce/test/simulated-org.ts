import { createMcpClient, fetchTransport, memoryStore } from '@mcpclient/core'
import type { Connector } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock } from '@mcpclient/testing'

export const APP = { clientId: '3MVG9.consumer-key', clientSecret: 'consumer-secret-canary' }
export const CALLBACK = 'https://host.example/callback'
export const USER = '00D50000000IZ3ZEAW:00550000001fg5OAAQ'
/** The default timeout of a session. */
export const SESSION_MS = 2 * 3_600_000

export interface OrgOptions {
  /** Whether the app rotates refresh tokens. @default false */
  readonly rotates?: boolean
  /** The scopes in a token response. @default 'api openid refresh_token' */
  readonly scope?: string
  /** The `instance_url` of token responses. @default the instance that serves the API */
  readonly instance?: string
}

const respond = (status: number, body: unknown): Response =>
  Response.json(body, { status, headers: { 'sforce-limit-info': 'api-usage=18/5000' } })

/** Simulates an org and its token endpoint: sessions time out, and a token response names no lifetime. */
export function simulatedOrg(options: OrgOptions = {}) {
  const { rotates = false, scope = 'api openid refresh_token' } = options
  const clock = createFakeClock()
  const requests: { readonly method: string; readonly url: URL; readonly body: URLSearchParams }[] = []
  const sessions = new Map<string, { readonly endsAt: number; readonly instance: string }>()
  let refreshToken = 'refresh-1'
  let instance = 'https://heron.my.salesforce.com'
  let issued = 0

  function session() {
    const accessToken = `00D50000000IZ3Z!session-${++issued}`
    sessions.set(accessToken, { endsAt: clock.now() + SESSION_MS, instance })
    return {
      access_token: accessToken,
      instance_url: options.instance ?? instance,
      id: `https://login.salesforce.com/id/${USER.replace(':', '/')}`,
      token_type: 'Bearer',
      issued_at: String(clock.now()),
      signature: '0CmxinZir53Yex7nE0TD+zMpvIWYGb/bdJh6XfOH6EQ=',
      scope,
    }
  }

  function token(form: URLSearchParams): Response {
    const grant = form.get('grant_type')
    if (grant === 'refresh_token') {
      if (form.get('refresh_token') !== refreshToken)
        return respond(400, { error: 'invalid_grant', error_description: 'expired access/refresh token' })
      if (!rotates) return respond(200, session())
      refreshToken = `refresh-${issued + 1}`
    }
    const isUsers = grant !== 'urn:ietf:params:oauth:grant-type:jwt-bearer'
    return respond(200, { ...session(), ...(isUsers && { refresh_token: refreshToken, id_token: 'ignored' }) })
  }

  function api(url: URL, bearer: string | null): Response {
    const known = sessions.get(bearer?.replace(/^Bearer /, '') ?? '')
    if (known === undefined || known.endsAt <= clock.now() || url.origin !== instance)
      return respond(401, [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }])
    if (url.pathname.endsWith('/limits')) return respond(200, { DailyApiRequests: { Max: 5000, Remaining: 4982 } })
    return respond(200, { identity: `https://login.salesforce.com/id/${USER.replace(':', '/')}` })
  }

  const transport = fetchTransport({
    async fetch(to, init) {
      const request = new Request(to, init)
      const url = new URL(request.url)
      const body = new URLSearchParams(await request.text())
      requests.push({ method: request.method, url, body })
      if (url.pathname === '/services/oauth2/token') return token(body)
      if (url.pathname === '/services/oauth2/revoke') return respond(200, {})
      return api(url, request.headers.get('authorization'))
    },
  })

  return {
    clock,
    requests,
    /** Moves the org to another instance: its sessions end. */
    move(to: string) {
      instance = to
    },
    /** Ends every session, as an administrator can. */
    endSessions() {
      sessions.clear()
    },
    /** Revokes the app's access: its sessions and its refresh token. */
    revoke() {
      sessions.clear()
      refreshToken = 'none'
    },
    /** Returns the grant types that the token endpoint received. */
    grants: () => requests.flatMap(({ body }) => body.get('grant_type') ?? []),
    /** Returns the hosts that received a request for the API. */
    apiHosts: () => requests.flatMap(({ url }) => (url.pathname.includes('/data/') ? [url.host] : [])),
    compose: <Crm extends Connector>(crm: Crm) =>
      createMcpClient({
        connectors: { crm },
        vault: vault({ store: memoryStore({ clock }), redirectUri: CALLBACK }),
        transport,
        clock,
        random: () => 0.5,
      }),
  }
}
