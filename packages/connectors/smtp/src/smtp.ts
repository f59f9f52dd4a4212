import { basic, ConnectorError, defineConnector, oauth2 } from '@mcpclient/core/define'
import type { NamedFactory, PerformContext, TypesOfFactory } from '@mcpclient/core/define'
import type { Mailer } from './mailer.ts'
import { sendEmail } from './send-email.ts'
import { serverOf } from './server.ts'
import { PasswordSettings, Xoauth2Settings } from './settings.ts'
import type { Settings } from './settings.ts'

export interface MailerOptions {
  /** Speaks SMTP: `smtpMailer()` of `@mcpclient/smtp/node`. */
  readonly mailer: Mailer
  /**
   * The servers that connections may name, besides the `host` of the composition: exact, or `*.example.com` for the
   * subdomains. Every other one is refused, because a tenant may set the host of a connection.
   * @default []
   */
  readonly hosts?: readonly string[] | undefined
}

const serviceOf = (mailer: Mailer, hosts: readonly string[]) =>
  ({
    name: 'SMTP',
    description: 'Send e-mail through a mail server.',
    docs: 'https://www.rfc-editor.org/rfc/rfc5321',
    baseUrl: null,
    // Servers limit connections to a handful for each user.
    limits: [{ concurrent: 5 }],
    // A server may take minutes to accept a message. Source: RFC 5321, section 4.5.3.2
    timeoutMs: 120_000,
    check: {
      request: ({ settings }: { readonly settings: Settings }) => ({
        method: 'EXCHANGE' as const,
        path: 'verify',
        async run(context: Omit<PerformContext, 'settings' | 'principal' | 'account'>) {
          const server = await serverOf(settings, hosts, context)
          await mailer.verify(server, context)
          return { username: server.login?.user }
        },
      }),
      account: { id: 'username', name: 'username' },
    },
    tools: sendEmail(mailer, hosts),
  }) as const

export const passwordDefinition = (mailer: Mailer, hosts: readonly string[]) =>
  defineConnector({ ...serviceOf(mailer, hosts), id: 'smtp', settings: PasswordSettings, auth: basic() })

export const xoauth2Definition = (mailer: Mailer, hosts: readonly string[]) =>
  defineConnector({
    ...serviceOf(mailer, hosts),
    id: 'smtp-xoauth2',
    settings: Xoauth2Settings,
    // The endpoints of Google: the host passes those of another provider.
    // Source: https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
    auth: oauth2({
      label: 'Access token',
      authorizationUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
      tokenUrl: 'https://oauth2.googleapis.com/token',
      scopes: ['https://mail.google.com/'],
      authorize: { params: { access_type: 'offline', prompt: 'consent' } },
      refresh: { rotation: 'rotate' },
      revoke: false,
    }),
  })

type Password = ReturnType<typeof passwordDefinition>
type Xoauth2 = ReturnType<typeof xoauth2Definition>

/** The tools, settings and credential of a mail server, under one name for editors. */
export interface SmtpTypes extends TypesOfFactory<Password> {}
/** The same with OAuth tokens. */
export interface SmtpXoauth2Types extends TypesOfFactory<Xoauth2> {}

export type SmtpOptions = MailerOptions & NonNullable<Parameters<Password>[0]>
export type SmtpXoauth2Options = MailerOptions & NonNullable<Parameters<Xoauth2>[0]>

/** Returns the mailer of the options, and the servers that they allow. */
function mailingOf(name: string, options: MailerOptions & { readonly host?: string | undefined }) {
  const { mailer, hosts = [], host } = options
  // Hosts in JavaScript have no types.
  if (typeof (mailer as Partial<Mailer> | undefined)?.send === 'function') {
    return [mailer, host === undefined ? hosts : [host, ...hosts]] as const
  }
  throw new ConnectorError('CONFIGURATION_ERROR', `${name}() requires a mailer.`, {
    hint: 'Pass smtpMailer() of @mcpclient/smtp/node.',
  })
}

/**
 * Connects to a mail server with a user name and a password.
 *
 * @example
 * const mailer = smtpMailer()
 * const mail = smtp({ mailer, host: 'smtp.example.com', username, password, from: 'ada@example.com' })
 * const mcp = createMcpClient({ connectors: { mail } })
 * await mcp.as('user_ada').mail.call('send_email', { to: ['bo@example.com'], subject: 'Count', text: '12 egrets.' })
 *
 * @throws ConnectorError `CONFIGURATION_ERROR` without a mailer
 */
export const smtp = Object.assign(
  (options: SmtpOptions): ReturnType<NamedFactory<Password, SmtpTypes>> => {
    const [mailer, allowed] = mailingOf('smtp', options)
    const { mailer: _mailer, hosts: _hosts, ...rest } = options
    return passwordDefinition(mailer, allowed)(rest)
  },
  { type: 'smtp' },
)

/**
 * Connects to a mail server with OAuth tokens (XOAUTH2), such as those of Google and Microsoft.
 *
 * @example
 * smtpXoauth2({ mailer, host: 'smtp.gmail.com', username: 'ada@example.com', from: 'ada@example.com', clientId, clientSecret })
 *
 * @throws ConnectorError `CONFIGURATION_ERROR` without a mailer
 */
export const smtpXoauth2 = Object.assign(
  (options: SmtpXoauth2Options): ReturnType<NamedFactory<Xoauth2, SmtpXoauth2Types>> => {
    const [mailer, allowed] = mailingOf('smtpXoauth2', options)
    const { mailer: _mailer, hosts: _hosts, ...rest } = options
    return xoauth2Definition(mailer, allowed)(rest)
  },
  { type: 'smtp-xoauth2' },
)
