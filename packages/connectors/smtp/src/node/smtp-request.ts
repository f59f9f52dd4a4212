import type { TransportRequest } from '@mcpclient/core'
import type { Email } from '@mcpclient/shapes'
import { SMTP_JSON } from '../settings.ts'

/** A server, how to encrypt the connection, and the account. Sessions are reused for the same one. */
export interface Server {
  readonly host: string
  readonly port: number
  readonly security: 'starttls' | 'tls' | 'none'
  /** Undefined if the server wants no credential. */
  readonly login: Login | undefined
}

export type Login =
  | { readonly user: string; readonly pass: string }
  | { readonly user: string; readonly accessToken: string }

export type OutgoingEmail = Email & { readonly from: NonNullable<Email['from']> }

/** A request of `@mcpclient/smtp`. */
export interface SmtpRequest {
  readonly server: Server
  /** Undefined: the request only verifies the credential. */
  readonly email: OutgoingEmail | undefined
}

/** Returns whether a request is one of `@mcpclient/smtp`. */
export const isSmtp = ({ headers }: TransportRequest): boolean => headers['content-type'] === SMTP_JSON

/** Reads a request of `@mcpclient/smtp`, which its connector validated. */
export function readSmtpRequest({ url, headers, body }: TransportRequest): SmtpRequest {
  const { hostname: host, port, pathname } = new URL(url)
  const [, security] = pathname.split('/') as [string, Server['security']]
  const { email, username } = JSON.parse(typeof body === 'string' ? body : '{}') as {
    readonly email?: OutgoingEmail
    readonly username?: string
  }
  const login = loginOf(headers['authorization'], username)
  return { server: { host, port: port === '' ? 443 : Number(port), security, login }, email }
}

/** Returns the login of a signature: HTTP Basic holds a name and a password, and Bearer a token. */
function loginOf(signature: string | undefined, username: string | undefined): Login | undefined {
  const [scheme, value = ''] = signature?.split(' ') ?? []
  if (scheme === 'Basic') {
    const text = Buffer.from(value, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    return { user: text.slice(0, colon), pass: text.slice(colon + 1) }
  }
  return scheme === 'Bearer' && username !== undefined ? { user: username, accessToken: value } : undefined
}
