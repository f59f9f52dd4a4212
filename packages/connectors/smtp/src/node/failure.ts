import type { TransportError } from '@mcpclient/core'
import type { SMTPError } from 'nodemailer/lib/smtp-connection'

/** Returns the reason why a message was never sent. */
export function failureReason({ code, message }: SMTPError): TransportError['reason'] {
  if (/certificate|self-signed|altname/i.test(message)) return 'certificate'
  if (/ECONNREFUSED/.test(message)) return 'refused'
  if (code === 'EDNS') return 'name_not_found'
  if (code === 'ETLS') return 'tls'
  return code === 'ETIMEDOUT' ? 'connect_timeout' : undefined
}

export interface Refusal {
  readonly status: number
  readonly body: { readonly code: string; readonly message: string }
}

/** Returns the reply of a server as a response, or undefined if the error is none. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, responseCode, response, message } = error as SMTPError
  const reply = response === undefined || response === '' ? message : response
  const body = { code: String(responseCode ?? code), message: reply }
  if (code === 'EMESSAGE') return { status: 413, body }
  if (responseCode === undefined || responseCode < 400) {
    return code === 'EAUTH' || code === 'EOAUTH2' ? { status: 401, body } : undefined
  }
  if (responseCode < 500) return { status: 503, body }
  if (code === 'EAUTH' || code === 'EOAUTH2' || responseCode === 530) return { status: 401, body }
  return { status: responseCode === 552 ? 413 : 422, body }
}
