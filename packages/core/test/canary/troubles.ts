import { ConnectorError, TransportError } from '@mcpclient/core'
import type { RecordedRequest, ScriptedReply } from '@mcpclient/testing'

/** Answers, or rejects, with everything secret that it was told. */
export type Trouble = (said: string) => ScriptedReply | Promise<ScriptedReply>

/** What a request carried, as a provider with a talkative error page repeats it. */
export const allOf = ({ url, headers, body }: RecordedRequest): string =>
  [url, JSON.stringify(headers), typeof body === 'string' ? body : ''].join(' ')

/** A transport may reject with anything. */
const reject = async (thrown: unknown): Promise<never> => {
  throw thrown
}

/** How a provider, or the way to it, may fail; those that differ most are the first. */
export const troubles: Readonly<Record<string, Trouble>> = {
  '401 that repeats it': (said) => ({ status: 401, json: { error: said, error_description: said, code: said } }),
  '400 with a word and a description': (said) => ({
    status: 400,
    json: { error: 'invalid_grant', error_description: said, error_uri: `https://as.example/?${said}` },
  }),
  'JSON of another shape': (said) => ({ json: { text: [said], [said]: said } }),
  'headers that repeat it': (said) => ({
    status: 429,
    json: {},
    headers: { 'retry-after': said, 'x-request-id': said, 'www-authenticate': `Bearer error="${said}"` },
  }),
  'an error with the request in it': (said) =>
    reject(Object.assign(new Error(said), { request: { said }, cause: said })),
  'an error of this library, by the transport': (said) =>
    reject(new ConnectorError('MCP_SERVER_ERROR', said, { hint: said, providerCode: said, reason: said })),
  'a web page': (said) => ({
    status: 403,
    text: `<html><body>${said}</body></html>`,
    headers: { 'content-type': 'text/html' },
  }),
  'a redirect elsewhere': (said) => ({
    status: 302,
    headers: { location: `https://elsewhere.example/${encodeURIComponent(said)}?q=${encodeURIComponent(said)}` },
  }),
  '400 that repeats it': (said) => ({ status: 400, json: { error: said, error_description: said, code: said } }),
  '200 that says no': (said) => ({ json: { error: 'invalid_client', error_description: said } }),
  'a web page with 200': (said) => ({ text: `<html>${said}</html>`, headers: { 'content-type': 'text/html' } }),
  'text with 500': (said) => ({ status: 500, text: said, headers: { 'x-echo': said, 'www-authenticate': said } }),
  'JSON that is none': (said) => ({ text: `{"a": ${said}`, headers: { 'content-type': 'application/json' } }),
  'a list where an object was': (said) => ({ json: [said] }),
  'a redirect to a name': (said) => ({
    status: 307,
    headers: { location: `https://${/(?<=^|\s)[0-9a-f]+(?=\s)/.exec(said)?.[0] ?? 'other'}.elsewhere.example/` },
  }),
  'a redirect to nowhere': (said) => ({ status: 302, headers: { location: `http://[${said}` } }),
  'a redirect to a host of its own': () => ({ status: 307, headers: { location: 'https://files.example/there' } }),
  'an error of the transport': (said) => reject(new TransportError(said, { sent: true, cause: new Error(said) })),
  'an error that never left': (said) => reject(new TransportError(said, { sent: false, cause: { said } })),
  'something thrown that is no error': (said) => reject({ said, toString: () => said }),
  'text that was thrown': (said) => reject(said),
}

/** For what is tried in many ways. */
export const fewTroubles = Object.entries(troubles).slice(0, 6)
