import { ConnectorError, TransportError } from '@mcpclient/core'
import type { RecordedRequest, ScriptedReply } from '@mcpclient/testing'

/** Responds or rejects with every secret of the request. */
export type ProviderFailure = (echo: string) => ScriptedReply | Promise<ScriptedReply>

/** Returns what a verbose error page repeats of a request. */
export const echoOf = ({ url, headers, body }: RecordedRequest): string =>
  [url, JSON.stringify(headers), typeof body === 'string' ? body : ''].join(' ')

/** Rejects with any value, as a transport may. */
const reject = async (thrown: unknown): Promise<never> => {
  throw thrown
}

/** The failures of a provider and its transport; the most different ones come first. */
export const providerFailures: Readonly<Record<string, ProviderFailure>> = {
  '401 that repeats it': (echo) => ({ status: 401, json: { error: echo, error_description: echo, code: echo } }),
  '400 with a word and a description': (echo) => ({
    status: 400,
    json: { error: 'invalid_grant', error_description: echo, error_uri: `https://as.example/?${echo}` },
  }),
  'JSON of another shape': (echo) => ({ json: { text: [echo], [echo]: echo } }),
  'headers that repeat it': (echo) => ({
    status: 429,
    json: {},
    headers: { 'retry-after': echo, 'x-request-id': echo, 'www-authenticate': `Bearer error="${echo}"` },
  }),
  'an error with the request in it': (echo) =>
    reject(Object.assign(new Error(echo), { request: { echo }, cause: echo })),
  'an error of this library, by the transport': (echo) =>
    reject(new ConnectorError('MCP_SERVER_ERROR', echo, { hint: echo, providerCode: echo, reason: echo })),
  'a web page': (echo) => ({
    status: 403,
    text: `<html><body>${echo}</body></html>`,
    headers: { 'content-type': 'text/html' },
  }),
  'a redirect elsewhere': (echo) => ({
    status: 302,
    headers: { location: `https://elsewhere.example/${encodeURIComponent(echo)}?q=${encodeURIComponent(echo)}` },
  }),
  '400 that repeats it': (echo) => ({ status: 400, json: { error: echo, error_description: echo, code: echo } }),
  '200 that says no': (echo) => ({ json: { error: 'invalid_client', error_description: echo } }),
  'a web page with 200': (echo) => ({ text: `<html>${echo}</html>`, headers: { 'content-type': 'text/html' } }),
  'text with 500': (echo) => ({ status: 500, text: echo, headers: { 'x-echo': echo, 'www-authenticate': echo } }),
  'JSON that is none': (echo) => ({ text: `{"a": ${echo}`, headers: { 'content-type': 'application/json' } }),
  'a list where an object was': (echo) => ({ json: [echo] }),
  'a redirect to a name': (echo) => ({
    status: 307,
    headers: { location: `https://${/(?<=^|\s)[0-9a-f]+(?=\s)/.exec(echo)?.[0] ?? 'other'}.elsewhere.example/` },
  }),
  'a redirect to nowhere': (echo) => ({ status: 302, headers: { location: `http://[${echo}` } }),
  'a redirect to a host of its own': () => ({ status: 307, headers: { location: 'https://files.example/there' } }),
  'an error of the transport': (echo) => reject(new TransportError(echo, { sent: true, cause: new Error(echo) })),
  'an error that never left': (echo) => reject(new TransportError(echo, { sent: false, cause: { echo } })),
  'something thrown that is no error': (echo) => reject({ echo, toString: () => echo }),
  'text that was thrown': (echo) => reject(echo),
}

/** The failures for tests with many variants. */
export const mainFailures = Object.entries(providerFailures).slice(0, 6)
