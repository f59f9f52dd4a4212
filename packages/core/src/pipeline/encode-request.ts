import type { Attempt } from '../connector/call.ts'
import type { Profile } from '../connector/profile.ts'
import type { Body, Query, RequestSpec } from '../connector/request.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { TransportRequest } from '../ports/transport.ts'
import { isDeclared } from './is-declared.ts'

interface Target {
  readonly base: string
  readonly profile: Profile
  readonly serverId: string
}

/** The request as it will go over the wire, but for its credential. */
export function encodeRequest(attempt: Attempt, request: RequestSpec, target: Target): TransportRequest {
  const { call, signal, streams } = attempt
  const headers: Record<string, string> = {
    accept: streams ? 'text/event-stream' : accepts[request.read ?? 'auto'],
  }
  // A caller's own id is passed on; one that was made up here would tell the provider nothing.
  if (call.options.requestId !== undefined) headers['x-request-id'] = call.options.requestId
  copyHeaders(target.profile.headers, headers)
  copyHeaders(request.headers, headers)
  const key = call.tool.idempotencyKey
  if (key !== undefined && attempt.idempotencyKey !== undefined)
    headers[key.header.toLowerCase()] = attempt.idempotencyKey
  const body = request.body && encodeBody(request.body, headers)
  return { method: request.method, url: urlOf(request, target), headers, body, signal }
}

const accepts = { auto: 'application/json', json: 'application/json', text: 'text/*, */*;q=0.5', bytes: '*/*' } as const

/** Header names are lower case from here on, so that no two of them can mean the same header. */
export const copyHeaders = (from: Readonly<Record<string, string>> | undefined, to: Record<string, string>): void => {
  for (const name in from) to[name.toLowerCase()] = from[name] ?? ''
}

function encodeBody(body: Body, headers: Record<string, string>): TransportRequest['body'] {
  switch (body.kind) {
    case 'json':
      headers['content-type'] ??= 'application/json'
      return JSON.stringify(body.value)
    case 'form':
      headers['content-type'] ??= 'application/x-www-form-urlencoded'
      return queryString(body.fields)
    case 'bytes':
      headers['content-type'] ??= body.contentType
      return body.bytes
    case 'multipart': {
      // The boundary is the transport's: setting the content type here would leave it out.
      const data = new FormData()
      for (const [name, part] of Object.entries(body.fields)) {
        if (typeof part === 'string') data.append(name, part)
        else if (part !== undefined) {
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

function urlOf({ path, query }: RequestSpec, { base, profile, serverId }: Target): string {
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(path)) {
    const url = URL.canParse(path, base) ? new URL(path, base) : undefined
    if (url === undefined || !isDeclared(url, base, profile.hosts)) {
      throw new ConnectorError('PERMISSION_DENIED', `${serverId} may not send to ${url?.host ?? 'that address'}.`, {
        hint: 'A connector sends to its base URL and to the hosts it declares, and nowhere else.',
        outcome: 'not_processed',
      })
    }
    return withQuery(url.href, query)
  }
  // The base ends the authority with a slash, so no path can move the request to another host.
  return withQuery((base.endsWith('/') ? base : `${base}/`) + (path.startsWith('/') ? path.slice(1) : path), query)
}

export function withQuery(url: string, query: Query | undefined): string {
  if (query === undefined) return url
  const text = queryString(query)
  return text === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${text}`
}

function queryString(query: Query): string {
  let text = ''
  for (const name in query) {
    const value = query[name]
    if (value === undefined) continue
    if (typeof value !== 'object') text += `${text && '&'}${encodeURIComponent(name)}=${encodeURIComponent(value)}`
    else for (const item of value) text += `${text && '&'}${encodeURIComponent(name)}=${encodeURIComponent(item)}`
  }
  return text
}
