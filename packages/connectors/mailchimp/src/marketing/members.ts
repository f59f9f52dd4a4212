import { del, get, mark, offsetPages, patch, path, post, put, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { Done, list_id, member, Member, paging, Tag } from './shapes.ts'

const status = z.enum(['subscribed', 'unsubscribed', 'cleaned', 'pending', 'transactional'])
const fields = {
  status: status.optional().describe('pending sends an e-mail with which the recipient confirms.'),
  merge_fields: z.record(z.string(), z.unknown()).optional().describe('Values by merge tag, such as FNAME.'),
  interests: z.record(z.string(), z.boolean()).optional().describe('Whether each interest is set, by its id.'),
  language: z.string().optional(),
  vip: z.boolean().optional(),
}
const skip_merge_validation = z.boolean().optional().describe('Accept a member without required merge fields.')
const address = mark(z.email(), { destination: 'recipient' })
const since = z.iso.datetime({ offset: true }).optional()
const at = z.object({ list_id, subscriber_hash: member })
type At = z.output<typeof at>

// Every endpoint of a member takes the address or the contact_id in place of the hash.
// Source: https://github.com/mailchimp/mailchimp-marketing-node/blob/master/src/api/ListsApi.js
const memberAt = ({ list_id: list, subscriber_hash: id }: At): string => path`lists/${list}/members/${id}`

export const members = {
  list_members: tool({
    description: 'List the members of an audience, of every status unless you pass one.',
    effect: 'read',
    input: z.object({
      list_id,
      status: z.enum([...status.options, 'archived']).optional(),
      since_last_changed: since.describe('Only members that changed since then.'),
      before_last_changed: since,
      vip_only: z.boolean().optional(),
      sort_field: z.enum(['timestamp_opt', 'timestamp_signup', 'last_changed']).optional(),
      sort_dir: z.enum(['ASC', 'DESC']).optional(),
      ...paging,
    }),
    output: z.object({ members: z.array(Member) }),
    request: ({ list_id: list, ...filter }) => get(path`lists/${list}/members`, filter),
    pages: offsetPages({ items: 'members', param: 'offset', total: 'total_items' }),
  }),
  search_members: tool({
    description: 'Find members by e-mail address or name, in one audience or in all.',
    effect: 'read',
    input: z.object({ query: z.string().min(1), list_id: list_id.optional() }),
    output: z.object({
      exact_matches: z.object({ members: z.array(Member) }),
      full_search: z.object({ members: z.array(Member) }),
    }),
    request: (input) => get('search-members', input),
  }),
  get_member: tool({
    description: 'Get one member of an audience with its merge fields and tags.',
    effect: 'read',
    input: at,
    output: Member,
    request: (input) => get(memberAt(input)),
  }),
  upsert_member: tool({
    description: 'Add an address to an audience, or change the member that has it. Add only recipients who agreed.',
    effect: 'write',
    idempotent: true,
    input: z.object({
      list_id,
      email_address: address,
      status_if_new: status.describe('The status of a new member. pending asks the recipient to confirm.'),
      ...fields,
      skip_merge_validation,
    }),
    output: Member,
    request: ({ list_id: list, skip_merge_validation: skip, ...body }) =>
      put(memberAt({ list_id: list, subscriber_hash: body.email_address }), body, {
        query: { skip_merge_validation: skip },
      }),
    preview: (input) => `Add ${input.email_address} to the audience ${input.list_id}, or change it there.`,
  }),
  update_member: tool({
    description: 'Change fields of a member: its address, status or merge fields. Fields that you omit stay.',
    // A repetition does not find a member by the address that the first request changed.
    effect: 'write',
    input: at.extend({ email_address: address.optional(), ...fields, skip_merge_validation }),
    output: Member,
    request: ({ list_id: list, subscriber_hash, skip_merge_validation: skip, ...body }) =>
      patch(memberAt({ list_id: list, subscriber_hash }), body, { query: { skip_merge_validation: skip } }),
    preview: (input) => `Change the member ${input.subscriber_hash} of the audience ${input.list_id}.`,
    reconcile: 'Read the member with get_member: it shows whether the fields have changed.',
  }),
  archive_member: tool({
    description: 'Archive a member: it gets no campaigns any more. upsert_member with a status brings it back.',
    effect: 'write',
    input: at,
    output: Done,
    request: (input) => del(memberAt(input)),
    preview: (input) => `Archive the member ${input.subscriber_hash} of the audience ${input.list_id}.`,
    reconcile: 'Check the status with get_member.',
  }),
  delete_member_permanently: tool({
    description: 'Delete all personal data of a member. Mailchimp adds the address never again, except by a form.',
    effect: 'destroy',
    input: at,
    output: Done,
    request: (input) => post(`${memberAt(input)}/actions/delete-permanent`),
    preview: (input) =>
      `Delete all data of the member ${input.subscriber_hash} of the audience ${input.list_id} for good.`,
    reconcile: 'Check with get_member: a 404 means that it was deleted.',
  }),
  list_member_tags: tool({
    description: 'List the tags of a member.',
    effect: 'read',
    input: at.extend(paging),
    output: z.object({ tags: z.array(Tag.extend({ date_added: z.string().optional() })) }),
    request: ({ list_id: list, subscriber_hash, ...page }) =>
      get(`${memberAt({ list_id: list, subscriber_hash })}/tags`, page),
    pages: offsetPages({ items: 'tags', param: 'offset', total: 'total_items' }),
  }),
  update_member_tags: tool({
    description: 'Add tags to a member (active) and remove tags (inactive). New tags are created.',
    effect: 'write',
    idempotent: true,
    input: at.extend({
      tags: z.array(z.object({ name: z.string().min(1), status: z.enum(['active', 'inactive']) })).min(1),
      is_syncing: z.boolean().optional().describe('True: the tags start no automations.'),
    }),
    output: Done,
    request: ({ list_id: list, subscriber_hash, ...body }) =>
      post(`${memberAt({ list_id: list, subscriber_hash })}/tags`, body),
    preview: ({ tags, subscriber_hash }) =>
      `Change tags of ${subscriber_hash}: ${tags.map(({ name, status: to }) => `${name} ${to}`).join(', ')}.`,
  }),
}
