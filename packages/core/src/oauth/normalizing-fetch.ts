import * as oauth from 'oauth4webapi'
import { ConnectorError } from '../errors/connector-error.ts'
import type { FlowContext } from '../auth/grant-flow.ts'
import type { ErrorRow } from '../connector/error-table.ts'
import { sendRequest, unexplainedRefusal, unusableResponse } from './server-request.ts'
import type { ServerResponse, ServerRequest } from './server-request.ts'
import type { TokenEndpointOptions, TokenReading, TokenServer } from './definition.ts'
import { hostOf } from './endpoints.ts'
import { formMembers, normalizedDevice, normalizedMembers, refusalIn, withoutNulls } from './token-response.ts'

type Fetch = (url: string, init: oauth.CustomFetchOptions<string, unknown>) => Promise<Response>

/** A request of oauth4webapi on our transport, and what came of it. */
export interface NormalizingFetch {
  readonly options: { readonly [oauth.customFetch]: Fetch; readonly [oauth.allowInsecureRequests]: true }
  /** When the last request left: milliseconds since the epoch. */
  sentAt(): number
  /** What the last answer said beside the standard members. */
  reading(): TokenReading | undefined
  /** What the connector's table says about the last refusal. */
  meaning(): ErrorRow | undefined
  /** The type of the last token, if it is neither `Bearer` nor `DPoP`. */
  unknownType(): string | undefined
  /** Everything secret that was sent. */
  secrets(): readonly string[]
}

interface NormalizingFetchOptions extends Pick<TokenServer, 'token' | 'errors'> {
  /** What a successful response holds, besides plain JSON. */
  readonly success?: 'token' | 'device' | undefined
  /** The status by which this request succeeds, in the standard. */
  readonly successStatus?: number | undefined
}

/**
 * Carries requests of oauth4webapi, and hands it answers as the standards have them, whatever the provider's are: tokens
 * nested elsewhere, refusals with 200, odd content types. Endpoints were checked before, so http to a loopback address
 * is let through.
 */
export function normalizingFetch(context: FlowContext, how: NormalizingFetchOptions = {}): NormalizingFetch {
  let sentAt = context.clock.now()
  let reading: TokenReading | undefined
  let meaning: ErrorRow | undefined
  let unknownType: string | undefined
  const secrets = new Set<string>(secretsOf(context))

  const fetch: Fetch = async (url, { method, headers, body }) => {
    const { 'user-agent': _ours, ...sent } = headers
    const params = body instanceof URLSearchParams ? body : undefined
    for (const [name, value] of params ?? []) if (!OPEN.has(name)) secrets.add(value)
    const [, scheme, proof] = /^(\w+) (.+)$/.exec(headers['authorization'] ?? '') ?? []
    if (proof !== undefined) secrets.add(proof)
    if (proof !== undefined && scheme === 'Basic') secrets.add(passwordIn(proof))
    sentAt = context.clock.now()
    const answer = await sendRequest(
      context,
      written({ method, url, headers: sent }, params ?? body, how.token?.format),
    )
    return normal(answer, url)
  }

  const normal = (answer: ServerResponse, url: string): Response => {
    const { status, headers, text } = answer
    const body = answer.body ?? formMembers(text)
    const refused = readWith(() => refusalIn(body, status, how.errors), url)
    const nonce = headers.get('dpop-nonce')
    const kept = { 'content-type': 'application/json', ...(nonce !== null && { 'dpop-nonce': nonce }) }
    if (refused !== undefined) {
      const { error, description } = refused
      meaning = refused.meaning
      const said = { error, ...(description !== undefined && { error_description: description }) }
      return new Response(JSON.stringify(said), { status: status < 400 ? 400 : status, headers: kept })
    }
    if (status >= 400) throw unexplainedRefusal(hostOf(url), status)
    const success = how.successStatus ?? 200
    if (how.success !== 'token') {
      const plain = typeof body === 'object' && body !== null ? withoutNulls({ ...body }) : {}
      const said = how.success === 'device' ? normalizedDevice(body) : plain
      return new Response(JSON.stringify(said), { status: success, headers: kept })
    }
    if (typeof body !== 'object' || body === null) {
      throw unusableResponse(hostOf(url), 'something that is not JSON, where a token was expected', status)
    }
    reading = readWith(() => how.token?.read?.(body), url) ?? { members: body }
    const members = normalizedMembers(reading.members)
    const type = String(members['token_type'])
    unknownType = /^(?:bearer|dpop)$/i.test(type) ? undefined : type
    const known = unknownType === undefined ? members : { ...members, token_type: 'bearer' }
    return new Response(JSON.stringify(known), { status: success, headers: kept })
  }

  return {
    options: { [oauth.customFetch]: fetch, [oauth.allowInsecureRequests]: true },
    sentAt: () => sentAt,
    reading: () => reading,
    meaning: () => meaning,
    unknownType: () => unknownType,
    secrets: () => [...secrets],
  }
}

/** The connector's own reading of an answer; it may stumble over one that it never saw. */
export function readWith<Reading>(reader: () => Reading, url: string): Reading {
  try {
    return reader()
  } catch {
    throw new ConnectorError('MCP_SERVER_ERROR', `The answer of ${hostOf(url)} could not be read.`, {
      outcome: 'unknown',
      hint: 'Report it to the connector: its token.read or errors threw.',
    })
  }
}

/** Parameters that tell nothing. */
const OPEN = new Set([
  'grant_type',
  'client_id',
  'redirect_uri',
  'scope',
  'resource',
  'audience',
  'token_type_hint',
  'response_type',
  'code_challenge_method',
  'client_assertion_type',
  'subject_token_type',
  'actor_token_type',
  'requested_token_type',
])

/** The secret of an app that authenticates with HTTP Basic, where it stands form-encoded (RFC 6749, section 2.3.1). */
function passwordIn(basic: string): string {
  const [, password = ''] = atob(basic).split(':')
  return new URLSearchParams(`secret=${password}`).get('secret') ?? ''
}

/** What the composition and the person gave, in case the server repeats it. */
export function secretsOf({ app, fields }: FlowContext): readonly string[] {
  const { privateKey } = app
  const key: readonly unknown[] =
    typeof privateKey === 'object' && privateKey !== null ? Object.values(privateKey) : [privateKey]
  return [app['clientSecret'], ...key, ...Object.values(fields)].filter(
    (value): value is string => typeof value === 'string' && value.length > 3,
  )
}

/** A request with its parameters in the way that the provider reads. */
function written(
  { method, url, headers }: ServerRequest,
  body: unknown,
  form: TokenEndpointOptions['format'],
): ServerRequest {
  if (!(body instanceof URLSearchParams))
    return { method, url, headers, body: typeof body === 'string' ? body : undefined }
  if (method === 'GET') {
    const { 'content-type': _none, ...bare } = headers
    const target = new URL(url)
    for (const [name, value] of body) target.searchParams.set(name, value)
    return { method, url: target.href, headers: bare }
  }
  if (form !== 'json') return { method, url, headers, body: body.toString() }
  const typed = { ...headers, 'content-type': 'application/json' }
  return { method, url, headers: typed, body: JSON.stringify(Object.fromEntries(body)) }
}
