import type { Attempt } from './call.ts'
import type { Profile } from '../connector/profile.ts'
import type { Body, Query, RequestSpec } from '../connector/request.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { TransportRequest } from '../ports/transport.ts'
import { isHeaderName, isHeaderToken, isHeaderValue, requestIdHeader } from '../auth/header-text.ts'
import { isJsonValue } from './json-value.ts'

interface Target {
  readonly base: string
  readonly profile: Profile
  readonly serverId: string
}

/**
 * Encodes a request for the transport, without its credential.
 * @throws if a part of it cannot be encoded; `unencodable` explains the error
 */
export function encodeRequest(attempt: Attempt, request: RequestSpec, target: Target): TransportRequest {
  const { call, signal, streams } = attempt
  const headers: Record<string, string> = {
    accept: streams ? 'text/event-stream' : accepts[request.read ?? 'auto'],
  }
  // Only the caller's own id is sent, because a generated one is of no use to the provider.
  if (call.options.requestId !== undefined) headers['x-request-id'] = requestIdHeader(call.options.requestId)
  const { headers: common } = target.profile
  // Types are erased: the settings were parsed by the schema that the function is typed with.
  copyHeaders(typeof common === 'function' ? common({ settings: call.settings as never }) : common, headers)
  copyHeaders(request.headers, headers)
  const key = call.tool.idempotencyKey
  if (key !== undefined && attempt.idempotencyKey !== undefined) {
    // A key that is trimmed or dropped on the way protects nothing.
    if (!isHeaderToken(attempt.idempotencyKey)) throw new Unencodable('options.idempotencyKey')
    headers[key.header.toLowerCase()] = attempt.idempotencyKey
  }
  const body = request.body && encodeBody(request.body, headers, target.profile.jsonType)
  for (const name in headers) if (!isHeaderValue(headers[name])) throw new Unencodable(`headers.${name}`)
  return { method: request.method, url: urlOf(request, target), headers, body, signal }
}

/** Thrown if a part of a request cannot be encoded. */
export class Unencodable extends Error {
  /** The part, such as `headers.x-tag` or `query.q`. */
  readonly part: string
  constructor(part: string) {
    super(`${part} cannot be encoded.`)
    this.part = part
  }
}

const accepts = { auto: 'application/json', json: 'application/json', text: 'text/*, */*;q=0.5', bytes: '*/*' } as const

/** Copies headers under lower-case names, so that none is sent twice. */
function copyHeaders(from: Readonly<Record<string, string | undefined>> | undefined, to: Record<string, string>): void {
  for (const name in from) {
    if (!isHeaderName(name)) throw new Unencodable('headers')
    const value = from[name]
    if (value !== undefined) to[name.toLowerCase()] = value
  }
}

function encodeBody(
  body: Body,
  headers: Record<string, string>,
  jsonType = 'application/json',
): TransportRequest['body'] {
  switch (body.kind) {
    case 'json':
      headers['content-type'] ??= jsonType
      // JSON.stringify silently drops a function, and turns an invalid date into null.
      if (!isJsonValue(body.value)) throw new Unencodable('body')
      return JSON.stringify(body.value)
    case 'form':
      headers['content-type'] ??= 'application/x-www-form-urlencoded'
      return queryString(body.fields, 'body')
    case 'bytes':
      headers['content-type'] ??= body.contentType
      return body.bytes
    case 'multipart': {
      // The transport chooses the boundary, so it also sets the content type.
      const data = new FormData()
      for (const [name, part] of Object.entries(body.fields)) {
        if (part === undefined) continue
        // FormData would replace a lone surrogate silently.
        const text = typeof part === 'string' ? part : part.filename
        if (!name.isWellFormed() || !text.isWellFormed()) throw new Unencodable(`body.${name}`)
        if (typeof part === 'string') data.append(name, part)
        else {
          data.append(
            name,
            new Blob([part.bytes], { type: part.contentType ?? 'application/octet-stream' }),
            part.filename,
          )
        }
      }
      return data
    }
  }
}

function urlOf({ path: raw, query }: RequestSpec, { base, profile, serverId }: Target): string {
  // URL parsers drop tabs and line breaks and replace lone surrogates, so the URL would address another resource.
  if (/[\t\n\r]/.test(raw) || !raw.isWellFormed()) throw new Unencodable('path')
  const hash = raw.indexOf('#')
  const path = hash === -1 ? raw : raw.slice(0, hash)
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(path)) {
    const url = URL.canParse(path, base) ? new URL(path, base) : undefined
    if (url === undefined || !isDeclared(url, base, profile.hosts)) {
      throw new ConnectorError('PERMISSION_DENIED', `${serverId} may not send to ${url?.host ?? 'that address'}.`, {
        hint: "Add the host to hosts in the connector's definition.",
        outcome: 'not_processed',
      })
    }
    return withQuery(url.href, query)
  }
  // The base ends with a slash, so no path can change the host.
  return withQuery((base.endsWith('/') ? base : `${base}/`) + (path.startsWith('/') ? path.slice(1) : path), query)
}

/**
 * Returns whether the connector may send to a URL: one on the origin of the base URL, or https on a declared host.
 * @param hosts the declared hosts; `*.example.com` stands for every subdomain
 */
export const isDeclared = (url: URL, base: string, hosts: readonly string[] = []): boolean =>
  url.origin === new URL(base).origin ||
  (url.protocol === 'https:' &&
    url.username === '' &&
    hosts.some((host) => (host.startsWith('*.') ? url.hostname.endsWith(host.slice(1)) : url.host === host)))

function withQuery(url: string, query: Query | undefined): string {
  if (query === undefined) return url
  const text = queryString(query, 'query')
  return text === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${text}`
}

/** Sets parameters of a URL, replacing those of the same names. */
export function withParameters(url: string, parameters: Readonly<Record<string, string>>): string {
  const start = url.indexOf('?')
  if (start === -1) return withQuery(url, parameters)
  // A redirect or a pagination link may repeat the parameter that the signature adds.
  const others = url
    .slice(start + 1)
    .split('&')
    .filter((pair) => pair !== '' && !Object.hasOwn(parameters, nameIn(pair)))
  return withQuery(others.length === 0 ? url.slice(0, start) : `${url.slice(0, start)}?${others.join('&')}`, parameters)
}

const nameIn = (pair: string): string => [...new URLSearchParams(pair).keys()][0] ?? ''

function queryString(query: Query, part: 'query' | 'body'): string {
  let text = ''
  for (const name in query) {
    const value = query[name]
    if (value === undefined) continue
    try {
      if (!Array.isArray(value)) text += `${text && '&'}${encodeURIComponent(name)}=${encodeScalar(value)}`
      else for (const item of value) text += `${text && '&'}${encodeURIComponent(name)}=${encodeScalar(item)}`
    } catch {
      throw new Unencodable(`${part}.${name}`)
    }
  }
  return text
}

function encodeScalar(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint')
    return encodeURIComponent(value.toString())
  if (typeof value === 'number' && Number.isFinite(value)) return encodeURIComponent(value)
  throw new TypeError('A parameter must be a string, a finite number or a boolean.')
}
