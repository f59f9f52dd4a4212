import { mark, noContent, nullable } from '@mcpclient/core/define'
import * as z from 'zod'

export const Settings = z.object({
  /** The data center of the account, such as `us6`: an API key ends with it, and a sign-in finds it. */
  dataCenter: z.string().regex(/^[a-z]{2,4}\d{1,3}$/, 'It looks like us6.'),
})

export const text = nullable(z.string())
export const flag = nullable(z.boolean())
export const count = nullable(z.number())
const personal = mark(z.string(), { private: true })
/** A text that a member typed into a form. */
const written = nullable(mark(z.string(), { untrusted: true, private: true }))

export const list_id = z.string().min(1).describe('Id of the audience: list_audiences returns it.')
export const audience = mark(list_id, { destination: 'channel' })
export const member = z
  .string()
  .min(1)
  .describe('The e-mail address of the member, its contact_id, or the MD5 hash of the address in lower case.')
export const paging = { count: z.number().int().min(1).max(1000).default(100).describe('Items in one page.') }

/** Mailchimp returns no body. */
export const Done = noContent(z.object({ ok: z.literal(true) }))

export const Audience = z.object({
  id: z.string(),
  name: text,
  date_created: text,
  double_optin: flag.describe('Whether new members confirm an e-mail first.'),
  visibility: text,
  subscribe_url_short: text,
  campaign_defaults: nullable(z.object({ from_name: text, from_email: text, subject: text, language: text })),
  stats: nullable(
    z.object({
      member_count: count,
      unsubscribe_count: count,
      cleaned_count: count,
      open_rate: count,
      click_rate: count,
    }),
  ),
})

export const Tag = z.object({ id: z.number(), name: z.string() })

export const Member = z.object({
  id: z.string().describe('MD5 hash of the address in lower case.'),
  email_address: personal,
  contact_id: text,
  full_name: written,
  status: text.describe('subscribed, unsubscribed, cleaned, pending, transactional or archived.'),
  unsubscribe_reason: written,
  merge_fields: nullable(mark(z.record(z.string(), z.unknown()), { untrusted: true, private: true })),
  interests: nullable(z.record(z.string(), z.boolean())),
  language: text,
  vip: flag,
  member_rating: count,
  source: text,
  timestamp_signup: text,
  timestamp_opt: text,
  last_changed: text,
  list_id: text,
  tags: nullable(z.array(Tag)),
})

export const Campaign = z.object({
  id: z.string(),
  type: text,
  status: text.describe('save, paused, schedule, sending, sent, canceled, canceling or archived.'),
  create_time: text,
  send_time: text,
  emails_sent: count,
  archive_url: text,
  recipients: nullable(z.object({ list_id: text, list_name: text, recipient_count: count, segment_text: text })),
  settings: nullable(
    z.object({ subject_line: text, preview_text: text, title: text, from_name: text, reply_to: text }),
  ),
})
