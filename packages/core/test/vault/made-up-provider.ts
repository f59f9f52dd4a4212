import * as z from 'zod'
import { scriptedTransport } from '@mcpclient/testing'
import type { Responder } from '@mcpclient/testing'
import { ConnectorError, defineConnector, get, tool } from '@mcpclient/core/define'
import type { AuthStrategy, CredentialField } from '@mcpclient/core/define'
import type { GrantFlow, GrantProtocol } from '../../src/auth/grant-flow.ts'
import type { Grant } from '../../src/auth/grant.ts'

type Fields = {
  readonly token: CredentialField
  readonly refreshToken: CredentialField & { readonly optional: true }
}

// Loaded before the first refresh, because a fake clock moves on during an import.
await import('../../src/vault/renewal/connector-renewals.ts')

const LIFE_MS = 3_600_000

/** Creates an authorization server and an API in memory, with single-use refresh tokens. */
export function madeUpProvider(
  options: Partial<Pick<GrantFlow, 'family' | 'refresh' | 'revocationEnds' | 'scopes'>> = {},
) {
  let count = 0
  const live = new Map<string, { readonly refresh: string; readonly scopes: readonly string[] }>()
  const refused = new Set<string>()
  const forbidden = new Set<string>()
  const seen = { refreshes: 0, revoked: [] as string[], redeemed: [] as string[] }
  const trouble = { next: undefined as ConnectorError | undefined, delay: undefined as Promise<void> | undefined }

  const issue = (now: number, scopes: readonly string[]): Grant => {
    const number = ++count
    live.set(`access-${number}`, { refresh: `refresh-${number}`, scopes })
    return {
      accessToken: `access-${number}`,
      refreshToken: `refresh-${number}`,
      issuedAt: now,
      expiresAt: now + LIFE_MS,
      scopes,
      account: { id: 'acct-1', name: 'Ada' },
    }
  }

  const protocol: { -readonly [K in keyof GrantProtocol]: GrantProtocol[K] } = {
    authorize: async ({ app }, { state, scopes, redirectUri }) => ({
      url: `https://as.example/authorize?${new URLSearchParams({ state, client_id: String(app['clientId']), scope: scopes.join(' '), redirect_uri: redirectUri })}`,
      pending: { verifier: 'verifier-secret' },
    }),
    redeem: async ({ clock }, pending, { scopes }, callback) => {
      if (pending['verifier'] !== 'verifier-secret') throw new TypeError('the verifier got lost')
      seen.redeemed.push(callback.searchParams.get('code') ?? '')
      return issue(clock.now(), scopes)
    },
    refresh: async ({ clock }, grant) => {
      seen.refreshes++
      await trouble.delay
      const failure = trouble.next
      trouble.next = undefined
      if (failure) throw failure
      const known = live.get(grant.accessToken)
      if (known === undefined || known.refresh !== grant.refreshToken) {
        throw new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The grant ended.', { reason: 'invalid_grant' })
      }
      live.delete(grant.accessToken)
      return issue(clock.now(), known.scopes)
    },
    revoke: async (_context, grant) => {
      seen.revoked.push(grant.accessToken)
      live.delete(grant.accessToken)
    },
  }

  const auth: AuthStrategy<Fields, { clientId: string; clientSecret: string }> = {
    kind: 'made-up',
    fields: {
      token: { label: 'Token', secret: true },
      refreshToken: { label: 'Refresh token', secret: true, optional: true },
    },
    holders: ['app', 'connection'],
    flow: {
      refresh: { rotation: 'single_use' },
      renewal: 'refresh_token',
      scopes: ['notes.read'],
      interactive: true,
      incrementalConsent: false,
      appFields: {
        clientId: { label: 'Client id', secret: false },
        clientSecret: { label: 'Client secret', secret: true },
      },
      app: ({ clientId, clientSecret }) => (clientId === undefined ? undefined : { clientId, clientSecret }),
      load: () => Promise.resolve(protocol),
      ...options,
    },
    sign: (_request, { token }, grant) => ({ headers: { authorization: `Bearer ${grant?.accessToken ?? token}` } }),
  }

  const answer: Responder = ({ headers, path }) => {
    const token = headers['authorization']?.replace('Bearer ', '') ?? ''
    if (!live.has(token) || refused.has(token) || forbidden.has(path.split('/').at(-1) ?? ''))
      return { status: 401, json: { error: `bad token ${token}` } }
    return { json: path.endsWith('/me') ? { id: 'acct-1', name: 'Ada' } : { text: `seen with ${token}` } }
  }

  const connector = (id: string) =>
    defineConnector({
      id,
      name: id,
      baseUrl: `https://${id}.example/`,
      auth,
      check: { request: get('me'), account: (body) => body as { id: string; name: string } },
      tools: {
        read_note: tool({
          description: 'Read a note.',
          effect: 'read',
          scopes: ['notes.read'],
          input: z.object({}),
          output: z.object({ text: z.string() }),
          request: () => get('note'),
        }),
        share_note: tool({
          description: 'Share a note.',
          effect: 'write',
          scopes: ['notes.share'],
          input: z.object({}),
          output: z.object({ text: z.string() }),
          request: () => get('share'),
        }),
      },
    })

  return {
    seen,
    trouble,
    /** The protocol, for a test that replaces parts of it. */
    protocol,
    connector,
    transport: () => scriptedTransport(answer),
    /** Makes the API refuse the token before it expires. */
    refuse: (accessToken: string) => {
      refused.add(accessToken)
    },
    /** Makes the API respond with 401 on this path, whatever the token. */
    forbid: (path: string) => {
      forbidden.add(path)
    },
    /** Revokes every grant at the provider. */
    endEverything: () => {
      live.clear()
    },
  }
}

export const app = { clientId: 'client-1', clientSecret: 'app-secret-value' }
export const redirectUri = 'https://host.example/callback'

/** Returns the callback URL that the user's browser arrives at. */
export const callbackOf = (url: string, extra: Readonly<Record<string, string>> = {}): string =>
  `${redirectUri}?${new URLSearchParams({ state: new URL(url).searchParams.get('state') ?? '', code: 'code-1', ...extra })}`
