/** What a server returned to a request that named a session. */
export interface SessionAnswer {
  readonly status: number
  /** The body, as far as it was read. */
  readonly text: string
  /** The code and the message of a JSON-RPC error. */
  readonly rpc?: { readonly code: number; readonly message: string } | undefined
  /** Whether the request carried a credential, which a 401 may be about. */
  readonly signed?: boolean | undefined
}

/** Servers that do not keep to 404 say it with one of these codes of JSON-RPC in a 400. */
const SESSION_CODES = new Set([-32000, -32001, -32600])

const SUBJECT = String.raw`(?:mcp[-_ ]?)?session(?:[-_ ]?id)?`
const WITH_SUBJECT_FIRST = String.raw`\b${SUBJECT}\b[^.]{0,60}\b(?:not found|not exist|no longer|unknown|invalid|expired|missing|required|terminated|closed|ended|gone|not valid|not recogni[sz]ed)`
const WITH_SUBJECT_LAST = String.raw`\b(?:unknown|invalid|expired|missing|bad|no|no such|no valid|unrecogni[sz]ed|stale)\b[^.]{0,20}\b${SUBJECT}\b`
const BEFORE_HANDSHAKE = String.raw`\b(?:not (?:yet )?(?:been )?initiali[sz]ed|uninitiali[sz]ed|expect\w* (?:an )?initiali[sz]e)\b`
const UNKNOWN_SESSION = new RegExp(`${WITH_SUBJECT_FIRST}|${WITH_SUBJECT_LAST}|${BEFORE_HANDSHAKE}`, 'iu')

/** Characters of a body in which the words are looked for. */
const MAX_SEARCHED = 4000

/**
 * Returns whether a server says that it does not know the session (any more), in whichever dialect: the specification
 * wants 404, and SDKs and gateways also send 400, 401, 410, 422 and 200. A session is opened again for each of them, so
 * a status that has other meanings counts only with words or a code about the session.
 */
export function isUnknownSession({ status, text, rpc, signed }: SessionAnswer): boolean {
  if (status === 404 || status === 410) return true
  if (status < 200 || status >= 500 || (status >= 300 && status < 400)) return false
  const saysSo = UNKNOWN_SESSION.test((rpc?.message ?? text).slice(0, MAX_SEARCHED))
  // An error of JSON-RPC in a success is about the call itself, which may have run, unless its words say otherwise.
  if (status < 300) return rpc !== undefined && saysSo
  if (status === 400 && rpc !== undefined) return saysSo || SESSION_CODES.has(rpc.code)
  if (saysSo) return true
  return (status === 422 || (status === 401 && signed !== true)) && isWordless(text)
}

/** Nothing but the name of the status. */
const isWordless = (text: string): boolean =>
  /^\s*(?:unprocessable (?:entity|content)|unauthori[sz]ed)?[.\s]*$/iu.test(text)
