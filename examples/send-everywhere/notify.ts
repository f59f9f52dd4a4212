import { ConnectorError, createMcpClient } from '@mcpclient/core'
import type { Permissions, Transport } from '@mcpclient/core'
import { slack } from '@mcpclient/slack'
import { smtp } from '@mcpclient/smtp'
import type { Mailer } from '@mcpclient/smtp'
import { twilio } from '@mcpclient/twilio'

export interface Services {
  readonly mail: { readonly host: string; readonly port: number; readonly username: string; readonly password: string }
  readonly twilio: { readonly baseUrl: string; readonly accountSid: string; readonly authToken: string }
  readonly slack: { readonly baseUrl: string; readonly token: string }
}

/** Composes the client of the app. Each channel is a connector with the app's own account. */
export const compose = (
  services: Services & { readonly mailer: Mailer },
  transport: Transport,
  permissions: Permissions,
) =>
  createMcpClient({
    connectors: {
      mail: smtp({ ...services.mail, mailer: services.mailer, security: 'none', from: 'tides@example.com' }),
      phone: twilio({ ...services.twilio, from: '+15005550006', whatsappFrom: '+14155238886' }),
      slack: slack(services.slack),
    },
    transport,
    permissions,
    retry: { baseMs: 50 },
  })

export interface Subscriber {
  readonly tenant: string
  readonly email: string
  readonly phone: string
  /** A channel of Slack. */
  readonly channel: string
}

/** `sent`, `failed`, or `unknown`: the provider may have sent it, so it is not sent again. */
export type Delivery =
  | { readonly status: 'sent'; readonly id: string }
  | { readonly status: 'failed' | 'unknown'; readonly advice: string }

/** Sends a message over every channel of a subscriber at once. A channel that fails does not hold back the others. */
export async function notify(
  mcp: ReturnType<typeof compose>,
  { tenant, email, phone, channel }: Subscriber,
  { subject, text }: { readonly subject: string; readonly text: string },
): Promise<Readonly<Record<'email' | 'sms' | 'whatsapp' | 'slack', Delivery>>> {
  const client = mcp.as(tenant)
  const [byEmail, bySms, byWhatsapp, bySlack] = await Promise.all([
    delivery(client.mail.call('send_email', { to: [email], subject, text }).then(({ messageId }) => messageId)),
    delivery(client.phone.call('send_sms', { to: phone, body: text }).then(({ sid }) => sid)),
    delivery(client.phone.call('send_whatsapp', { to: phone, body: text }).then(({ sid }) => sid)),
    delivery(client.slack.call('send_message', { channel, text: `*${subject}*\n${text}` }).then(({ ts }) => ts)),
  ])
  return { email: byEmail, sms: bySms, whatsapp: byWhatsapp, slack: bySlack }
}

async function delivery(sending: Promise<string>): Promise<Delivery> {
  try {
    return { status: 'sent', id: await sending }
  } catch (error) {
    if (!ConnectorError.is(error)) throw error
    return { status: error.details.outcome === 'unknown' ? 'unknown' : 'failed', advice: error.advice }
  }
}
