import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

/** What the server has seen, for the tests that own it. */
export interface ServerCounts {
  /** Refresh tokens redeemed. */
  readonly refreshes: number
  /** How often each refresh token was shown, by a hash of it. */
  readonly shown: Readonly<Record<string, number>>
  /** Refresh tokens refused. */
  readonly refusals: number
  /** Answers that are redeemed and not sent yet. */
  readonly unsent: number
}

/**
 * A certified OpenID provider on loopback that agrees for its users at once. Refresh tokens rotate, and showing one a
 * second time ends the grant. Runs until its parent goes, which it notices by the channel between them.
 */
const tokenSeconds = Number(process.argv[2] ?? 2)
const redirectUri = process.argv[3] ?? 'http://127.0.0.1:1/callback'
/** Between redeeming a token and answering so: the moment in which a process had better not die. */
const answerDelayMs = Number(process.argv[4] ?? 0)

const counts = { refreshes: 0, refusals: 0, unsent: 0, shown: {} as Record<string, number> }
const server = createServer()
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

// Its notices about what only a deployment needs are not this test's business.
Object.assign(globalThis.console, { warn: () => {}, info: () => {} })
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'host',
      client_secret: 'a-secret-of-the-host',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
    },
  ],
  cookies: { keys: ['only-for-this-test'] },
  features: { devInteractions: { enabled: false }, revocation: { enabled: true }, introspection: { enabled: true } },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  issueRefreshToken: () => true,
  rotateRefreshToken: true,
  ttl: { AccessToken: tokenSeconds, RefreshToken: 3600, Grant: 3600, Session: 3600, Interaction: 600, IdToken: 600 },
})
const refreshTokenIn = (ctx: { readonly oidc: { readonly params?: Record<string, unknown> | undefined } }) => {
  const token = ctx.oidc.params?.['grant_type'] === 'refresh_token' ? ctx.oidc.params['refresh_token'] : undefined
  return typeof token === 'string' ? createHash('sha256').update(token).digest('hex').slice(0, 12) : undefined
}
const note = (ctx: Parameters<typeof refreshTokenIn>[0], outcome: 'refreshes' | 'refusals') => {
  const token = refreshTokenIn(ctx)
  if (token === undefined) return
  counts.shown[token] = (counts.shown[token] ?? 0) + 1
  counts[outcome]++
}
provider.on('grant.success', (ctx) => {
  note(ctx, 'refreshes')
})
provider.on('grant.error', (ctx) => {
  note(ctx, 'refusals')
})

const delay = (response: ServerResponse): void => {
  const end = response.end.bind(response)
  const later = (...args: Parameters<typeof end>) => {
    counts.unsent++
    setTimeout(() => {
      counts.unsent--
      end(...args)
    }, answerDelayMs)
    return response
  }
  response.end = later as typeof response.end
}

const agree = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { params } = await provider.interactionDetails(request, response)
  const { login_hint: hint } = params
  const accountId = typeof hint === 'string' ? hint : 'ada'
  const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) })
  grant.addOIDCScope(String(params['scope']))
  const grantId = await grant.save()
  await provider.interactionFinished(request, response, { login: { accountId }, consent: { grantId } })
}

const protocol = provider.callback()
server.on('request', (request: IncomingMessage, response: ServerResponse) => {
  if (request.url === '/counts') {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(counts))
  } else if (request.url?.startsWith('/interaction/')) {
    agree(request, response).catch(() => response.writeHead(500).end())
  } else {
    if (request.url === '/token' && answerDelayMs > 0) delay(response)
    void protocol(request, response)
  }
})

process.on('disconnect', () => process.exit(0))
process.send?.({ issuer })
