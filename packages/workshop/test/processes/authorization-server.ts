import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

/** One showing of a refresh token, in the order in which the server decided on them. */
export interface TokenUse {
  /** The name of the process that showed it. */
  readonly by: string
  /** A hash of the token. */
  readonly token: string
  readonly outcome: 'redeemed' | 'refused'
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** The moment at which the next refresh is held until its process is gone: before the server reads it, or before it responds. */
export type Moment = 'arrived' | 'redeemed'

/**
 * A certified OpenID provider on loopback that consents for its users immediately. Refresh tokens rotate, and using one
 * again revokes the grant. Runs until the channel to its parent closes.
 *
 * `GET /uses` returns the seen uses of refresh tokens. `GET /hold?moment=` holds the next refresh, and returns the name
 * of its process when it arrives: the moment to kill it.
 */
const tokenSeconds = Number(process.argv[2] ?? 2)
const redirectUri = process.argv[3] ?? 'http://127.0.0.1:1/callback'
/** The delay between redeeming a token and the response, in which a process should not die. */
const responseDelayMs = Number(process.argv[4] ?? 0)

const uses: TokenUse[] = []
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

const nameOf = ({ headers }: IncomingMessage): string => String(headers['x-process'])
interface SeenRequest {
  readonly req: IncomingMessage
  readonly oidc: { readonly params?: Record<string, unknown> | undefined }
}
const note = ({ req, oidc }: SeenRequest, outcome: TokenUse['outcome']): void => {
  const shown = oidc.params?.['grant_type'] === 'refresh_token' ? oidc.params['refresh_token'] : undefined
  if (typeof shown !== 'string') return
  const token = createHash('sha256').update(shown).digest('hex').slice(0, 12)
  uses.push({ by: nameOf(req), token, outcome, at: Date.now() })
}
provider.on('grant.success', (ctx) => note(ctx, 'redeemed'))
provider.on('grant.error', (ctx) => note(ctx, 'refused'))

let held: { readonly moment: Moment; readonly onArrival: (name: string) => void } | undefined
/** Returns true once for each moment. The request then stops, because its process is about to be killed. */
const stopsAt = (moment: Moment, request: IncomingMessage): boolean => {
  if (held?.moment !== moment) return false
  held.onArrival(nameOf(request))
  held = undefined
  return true
}

const respondLater = (request: IncomingMessage, response: ServerResponse): void => {
  const end = response.end.bind(response)
  const later = (...args: Parameters<typeof end>) => {
    if (!stopsAt('redeemed', request)) setTimeout(() => end(...args), responseDelayMs)
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
  const { pathname, searchParams } = new URL(request.url ?? '', issuer)
  if (pathname === '/uses') {
    response.end(JSON.stringify(uses))
  } else if (pathname === '/hold') {
    held = { moment: searchParams.get('moment') as Moment, onArrival: (name) => response.end(JSON.stringify(name)) }
  } else if (pathname.startsWith('/interaction/')) {
    agree(request, response).catch(() => response.writeHead(500).end())
  } else if (pathname !== '/token') {
    void protocol(request, response)
  } else if (!stopsAt('arrived', request)) {
    respondLater(request, response)
    void protocol(request, response)
  }
})

process.on('disconnect', () => process.exit(0))
process.send?.({ issuer })
