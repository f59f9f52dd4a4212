import { path, post } from '@mcpclient/core/define'
import type { Effect, Limit, RequestSpec } from '@mcpclient/core/define'
import type { Context } from './shapes.ts'

// 80 messages in a second for each number; some have 1,000, and those of the WhatsApp Business app 20.
// Source: https://developers.facebook.com/docs/whatsapp/throughput
export const throughput: Limit = { requests: 80, perMs: 1000, scope: 'connection' }
// One message in 6 seconds to the same recipient, and 45 at once after a pause.
// Source: https://developers.facebook.com/docs/whatsapp/cloud-api/overview
const pair: Limit = { requests: 1, perMs: 6000, burst: 45, scope: 'connection', per: 'to' }

const facts =
  (scope: string, limit?: readonly Limit[]) =>
  <E extends Effect>(effect: E) => ({ effect, scopes: [scope], limit })
/** Returns the effect, the permission and the limits of a tool that sends. */
export const sends = facts('whatsapp_business_messaging', [throughput, pair])
export const messaging = facts('whatsapp_business_messaging')
export const managing = facts('whatsapp_business_management')

/** Posts to the messages of the number that sends. */
export const message = (content: object, { settings }: Context): RequestSpec =>
  post(path`${settings.phoneNumberId}/messages`, { messaging_product: 'whatsapp', ...content })

/** Sends a message of one type to one recipient, as a reply if `context` names a message. */
export const messageTo = (
  { to, context }: { readonly to: string; readonly context?: object | undefined },
  type: string,
  content: object,
  scope: Context,
): RequestSpec => message({ recipient_type: 'individual', to, type, [type]: content, context }, scope)
