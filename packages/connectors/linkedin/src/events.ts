import { nullable, webhook } from '@mcpclient/core/define'
import type { Handshake } from '@mcpclient/core/define'
import { linkedin as signed } from '@mcpclient/webhooks/schemes'
import * as z from 'zod'

const text = nullable(z.string())

/** Source: https://learn.microsoft.com/linkedin/marketing/community-management/organizations/organization-social-action-notifications */
export const events = {
  organization_social_action: z.object({
    notificationId: z.union([z.string(), z.number()]),
    action: z.string().describe('LIKE, COMMENT, SHARE, SHARE_MENTION, COMMENT_EDIT, COMMENT_DELETE, ADMIN_COMMENT.'),
    organizationalEntity: z.string().describe('The URN of the organization.'),
    sourcePost: text,
    generatedActivity: text.describe('The URN of the comment, the reaction or the post.'),
    lastModifiedAt: nullable(z.number()).describe('Milliseconds since 1970.'),
  }),
}

const Envelope = z.object({ type: z.string() })
const Notifications = z.object({ notifications: z.array(events.organization_social_action) })

const HOUR_MS = 3_600_000
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

async function hexMac(secret: string, content: string): Promise<string> {
  const encoder = new TextEncoder()
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign'])
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(content)))
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * LinkedIn checks the address with an unsigned request, and expects an HMAC of the code in it. A signature of a delivery is an
 * HMAC under the same secret, so any other content than a UUID would let a sender forge deliveries.
 * Source: https://learn.microsoft.com/linkedin/shared/api-guide/webhook-validation
 */
const handshake: Handshake = {
  proof: 'secret',
  respond: async ({ method, url }, [secret]) => {
    const challengeCode = new URL(url).searchParams.get('challengeCode')
    if (method !== 'GET' || challengeCode === null || !UUID.test(challengeCode)) return undefined
    return { json: { challengeCode, challengeResponse: await hexMac(secret, challengeCode) } }
  },
}

/** Reads notifications. They name an organization and no member, so they reach the app's own token only. */
export const notifications = webhook({
  verify: signed(),
  handshake,
  read: ({ json }) => {
    const { type } = json(Envelope)
    if (type !== 'ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS') return { ignore: `notifications of the type ${type}` }
    return json(Notifications).notifications.map((data) => ({
      id: String(data.notificationId),
      to: { account: data.organizationalEntity },
      event: 'organization_social_action' as const,
      data,
    }))
  },
  // LinkedIn repeats a delivery every five minutes for eight hours. Source: see events.
  retriesForMs: 8 * HOUR_MS,
})
