/** The response to a request that named a session. */
export interface SessionResponse {
  readonly status: number
  /** The part of the body that was read. */
  readonly text: string
  /** The JSON-RPC error in the body. */
  readonly rpc?: { readonly code: number; readonly message: string } | undefined
  /** Whether the request carried a credential, which a 401 may be about. */
  readonly signed?: boolean | undefined
}

/** JSON-RPC codes that servers return with a 400 instead of a 404. */
const SESSION_CODES = new Set([-32000, -32001, -32600])

const SUBJECT = String.raw`(?:mcp[-_ ]?)?session(?:[-_ ]?id)?`
const WITH_SUBJECT_FIRST = String.raw`\b${SUBJECT}\b[^.]{0,60}\b(?:not found|not exist|no longer|unknown|invalid|expired|missing|required|terminated|closed|ended|gone|not valid|not recogni[sz]ed)`
const WITH_SUBJECT_LAST = String.raw`\b(?:unknown|invalid|expired|missing|bad|no|no such|no valid|unrecogni[sz]ed|stale)\b[^.]{0,20}\b${SUBJECT}\b`
const BEFORE_HANDSHAKE = String.raw`\b(?:not (?:yet )?(?:been )?initiali[sz]ed|uninitiali[sz]ed|expect\w* (?:an )?initiali[sz]e)\b`
const UNKNOWN_SESSION = new RegExp(`${WITH_SUBJECT_FIRST}|${WITH_SUBJECT_LAST}|${BEFORE_HANDSHAKE}`, 'iu')

/** Characters of a body that are searched. */
const MAX_SEARCHED = 4000

/**
 * Returns whether a server does not know the session. The specification requires 404; SDKs and gateways also return 400,
 * 401, 410, 422 and 200. A status with other meanings counts only with words or a code about the session.
 */
export function isUnknownSession({ status, text, rpc, signed }: SessionResponse): boolean {
  if (status === 404 || status === 410) return true
  if (status < 200 || status >= 500 || (status >= 300 && status < 400)) return false
  const namesSession = UNKNOWN_SESSION.test((rpc?.message ?? text).slice(0, MAX_SEARCHED))
  // A JSON-RPC error in a success is about the call itself, which may have run, unless its words name the session.
  if (status < 300) return rpc !== undefined && namesSession
  if (status === 400 && rpc !== undefined) return namesSession || SESSION_CODES.has(rpc.code)
  if (namesSession) return true
  return (status === 422 || (status === 401 && signed !== true)) && isWordless(text)
}

/** Returns whether a body contains only the name of its status. */
const isWordless = (text: string): boolean =>
  /^\s*(?:unprocessable (?:entity|content)|unauthori[sz]ed)?[.\s]*$/iu.test(text)
