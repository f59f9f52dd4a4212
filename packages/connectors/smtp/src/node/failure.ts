import { ConnectorError, providerText } from '@mcpclient/core'
import type { ErrorCode, TransportError } from '@mcpclient/core'
import type { SMTPError } from 'nodemailer/lib/smtp-connection'

const MAX_REPLY = 300

/** Returns the reason why a message was never sent. */
export function failureReason({ code, message }: SMTPError): TransportError['reason'] {
  if (/certificate|self-signed|altname/i.test(message)) return 'certificate'
  if (/ECONNREFUSED/.test(message)) return 'refused'
  if (code === 'EDNS') return 'name_not_found'
  if (code === 'ETLS') return 'tls'
  return code === 'ETIMEDOUT' ? 'connect_timeout' : undefined
}

interface Meaning {
  readonly code: ErrorCode
  readonly hint?: string | undefined
}

const login: Meaning = {
  code: 'MCP_AUTHENTICATION_FAILURE',
  hint: 'Check the user name and the password. Some providers need an app password or OAuth.',
}
const tooLarge: Meaning = { code: 'MCP_CLIENT_ERROR', hint: 'Send fewer or smaller attachments.' }
const deferred: Meaning = { code: 'MCP_SERVER_ERROR', hint: 'Send it again in some minutes: the server defers mail.' }
const address: Meaning = {
  code: 'MCP_CLIENT_ERROR',
  hint: 'Check the addresses, and that the account may send as from.',
}

/** The replies with a meaning of their own. Source: RFC 5321, section 4.2.3 */
const replies: Readonly<Record<number, Meaning>> = {
  450: deferred,
  451: deferred,
  452: { code: 'MCP_SERVER_ERROR', hint: 'Send it later, or to fewer recipients.' },
  530: login,
  550: address,
  552: tooLarge,
  553: address,
}

/**
 * Returns the error for a reply of a server, or undefined if the error is none. A reply of 4xx or 5xx says that the server has
 * not accepted the message. Source: RFC 5321, sections 4.2.1 and 4.2.5
 */
export function refusalOf(error: unknown): ConnectorError | undefined {
  if (!(error instanceof Error) || ConnectorError.is(error)) return undefined
  const { code, responseCode = 0, response = '', message } = error as SMTPError
  const meaning = meaningOf(code, responseCode)
  if (meaning === undefined) return undefined
  const providerMessage = providerText(response || message, { maxLength: MAX_REPLY })
  return new ConnectorError(
    meaning.code,
    `The mail server refused: ${providerMessage}`,
    {
      providerCode: String(responseCode || code),
      providerMessage,
      hint: meaning.hint,
      outcome: 'not_processed',
    },
    { cause: error },
  )
}

function meaningOf(code: string | undefined, reply: number): Meaning | undefined {
  if (code === 'EMESSAGE') return tooLarge
  const isLogin = code === 'EAUTH' || code === 'EOAUTH2'
  if (reply < 400) return isLogin ? login : undefined
  if (isLogin && reply >= 500) return login
  const otherwise: Meaning =
    reply < 500
      ? { code: 'MCP_SERVER_ERROR' }
      : { code: 'MCP_CLIENT_ERROR', hint: 'Check the sender, the recipients and the content.' }
  return replies[reply] ?? otherwise
}
