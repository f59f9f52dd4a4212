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

/** The options that run a request of oauth4webapi on the host's transport, and the facts about its last response. */
export interface NormalizingFetch {
  readonly options: { readonly [oauth.customFetch]: Fetch; readonly [oauth.allowInsecureRequests]: true }
  /** Returns the time of the last request, in milliseconds since the epoch. */
  sentAt(): number
  /** Returns the connector's reading of the last token response. */
  reading(): TokenReading | undefined
  /** Returns the row of the connector's error table for the last refusal. */
  meaning(): ErrorRow | undefined
  /** Returns the type of the last token if it is neither `Bearer` nor `DPoP`. */
  unknownType(): string | undefined
  /** Returns every secret that was sent. */
  secrets(): readonly string[]
}

interface NormalizingFetchOptions extends Pick<TokenServer, 'token' | 'errors'> {
  /** The kind of a successful response, if it is not plain JSON. */
  readonly success?: 'token' | 'device' | undefined
  /** The success status of the standard. @default 200 */
  readonly successStatus?: number | undefined
}

/**
 * Sends requests of oauth4webapi, and normalizes the responses to the standards: nested tokens, refusals with status
 * 200, unusual content types. Endpoints were checked before, so http to a loopback address is allowed.
 */
export function normalizingFetch(context: FlowContext, options: NormalizingFetchOptions = {}): NormalizingFetch {
  let sentAt = context.clock.now()
  let reading: TokenReading | undefined
  let meaning: ErrorRow | undefined
  let unknownType: string | undefined
  const secrets = new Set<string>(secretsOf(context))

  const fetch: Fetch = async (url, { method, headers, body }) => {
    const { 'user-agent': _ours, ...sent } = headers
    const params = body instanceof URLSearchParams ? body : undefined
    for (const [name, value] of params ?? []) if (!PUBLIC_PARAMETERS.has(name)) secrets.add(value)
    const [, scheme, proof] = /^(\w+) (.+)$/.exec(headers['authorization'] ?? '') ?? []
    if (proof !== undefined) secrets.add(proof)
    if (proof !== undefined && scheme === 'Basic') secrets.add(passwordIn(proof))
    sentAt = context.clock.now()
    const response = await sendRequest(
      context,
      formatted({ method, url, headers: sent }, params ?? body, options.token?.format),
    )
    return normalized(response, url)
  }

  const normalized = (response: ServerResponse, url: string): Response => {
    const { status, headers, text } = response
    const body = response.body ?? formMembers(text)
    const refused = readWith(() => refusalIn({ status, headers, body }, options.errors), url)
    const nonce = headers.get('dpop-nonce')
    const passedOn = { 'content-type': 'application/json', ...(nonce !== null && { 'dpop-nonce': nonce }) }
    if (refused !== undefined) {
      const { error, description } = refused
      meaning = refused.meaning
      const standard = { error, ...(description !== undefined && { error_description: description }) }
      return new Response(JSON.stringify(standard), { status: status < 400 ? 400 : status, headers: passedOn })
    }
    if (status >= 400) throw unexplainedRefusal(hostOf(url), status)
    const success = options.successStatus ?? 200
    if (options.success !== 'token') {
      const plain = typeof body === 'object' && body !== null ? withoutNulls({ ...body }) : {}
      const standard = options.success === 'device' ? normalizedDevice(body) : plain
      return new Response(JSON.stringify(standard), { status: success, headers: passedOn })
    }
    if (typeof body !== 'object' || body === null) {
      throw unusableResponse(hostOf(url), 'a token response that is not JSON', status)
    }
    reading = readWith(() => options.token?.read?.(body), url) ?? { members: body }
    const members = normalizedMembers(reading.members)
    const type = String(members['token_type'])
    unknownType = /^(?:bearer|dpop)$/i.test(type) ? undefined : type
    const known = unknownType === undefined ? members : { ...members, token_type: 'bearer' }
    return new Response(JSON.stringify(known), { status: success, headers: passedOn })
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

/** Runs a connector's own reader, which may throw for an unexpected response. */
export function readWith<Reading>(reader: () => Reading, url: string): Reading {
  try {
    return reader()
  } catch {
    throw new ConnectorError('MCP_SERVER_ERROR', `The response of ${hostOf(url)} could not be read.`, {
      outcome: 'unknown',
      hint: "Report it to the connector's author: token.read or errors threw.",
    })
  }
}

/** Parameters without secrets. */
const PUBLIC_PARAMETERS = new Set([
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

/** Returns the secret of an app in HTTP Basic, where it is form-encoded (RFC 6749, section 2.3.1). */
function passwordIn(basic: string): string {
  const [, password = ''] = atob(basic).split(':')
  return new URLSearchParams(`secret=${password}`).get('secret') ?? ''
}

/** Returns the secrets of the composition and the user, to redact them in responses. */
export function secretsOf({ app, fields }: FlowContext): readonly string[] {
  const { privateKey } = app
  const key: readonly unknown[] =
    typeof privateKey === 'object' && privateKey !== null ? Object.values(privateKey) : [privateKey]
  return [app['clientSecret'], ...key, ...Object.values(fields)].filter(
    (value): value is string => typeof value === 'string' && value.length > 3,
  )
}

/** Returns the request with its parameters in the provider's format. */
function formatted(
  { method, url, headers }: ServerRequest,
  body: unknown,
  format: TokenEndpointOptions['format'],
): ServerRequest {
  if (!(body instanceof URLSearchParams))
    return { method, url, headers, body: typeof body === 'string' ? body : undefined }
  if (method === 'GET') {
    const { 'content-type': _none, ...bare } = headers
    const target = new URL(url)
    for (const [name, value] of body) target.searchParams.set(name, value)
    return { method, url: target.href, headers: bare }
  }
  if (format !== 'json') return { method, url, headers, body: body.toString() }
  const typed = { ...headers, 'content-type': 'application/json' }
  return { method, url, headers: typed, body: JSON.stringify(Object.fromEntries(body)) }
}
