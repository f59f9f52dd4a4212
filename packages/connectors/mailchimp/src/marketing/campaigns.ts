import { del, get, offsetPages, path, post, put, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { audience, Campaign, Done, list_id, paging, text } from './shapes.ts'

const campaign_id = z.string().min(1).describe('Id of the campaign: list_campaigns returns it.')
const one = z.object({ campaign_id })
const QUARTER_HOUR = /T\d\d:(?:00|15|30|45)(?::00(?:\.0+)?)?(?:Z|[+-]\d\d:\d\d)$/
const time = z.iso.datetime({ offset: true })

export const campaigns = {
  list_campaigns: tool({
    description: 'List campaigns, newest first unless you pass a sort order.',
    effect: 'read',
    input: z.object({
      status: z.enum(['save', 'paused', 'schedule', 'sending', 'sent']).optional(),
      list_id: list_id.optional(),
      since_send_time: time.optional(),
      before_send_time: time.optional(),
      sort_field: z.enum(['create_time', 'send_time']).default('create_time'),
      sort_dir: z.enum(['ASC', 'DESC']).default('DESC'),
      ...paging,
    }),
    output: z.object({ campaigns: z.array(Campaign) }),
    request: (input) => get('campaigns', input),
    pages: offsetPages({ items: 'campaigns', param: 'offset', total: 'total_items' }),
  }),
  get_campaign: tool({
    description: 'Get one campaign with its status, recipients and subject.',
    effect: 'read',
    input: one,
    output: Campaign,
    request: (input) => get(path`campaigns/${input.campaign_id}`),
  }),
  create_campaign: tool({
    description: 'Create a campaign as a draft. set_campaign_content adds its content, and send_campaign sends it.',
    effect: 'write',
    input: z.object({
      type: z.enum(['regular', 'plaintext']).default('regular'),
      recipients: z.object({
        list_id: audience,
        segment_opts: z.object({ saved_segment_id: z.number().int() }).optional().describe('A part of the audience.'),
      }),
      settings: z.object({
        subject_line: z.string().max(150),
        preview_text: z.string().max(150).optional(),
        title: z.string().optional().describe('The name of the campaign in Mailchimp.'),
        from_name: z.string().max(100),
        reply_to: z.email(),
        to_name: z.string().optional(),
        template_id: z.number().int().optional(),
      }),
    }),
    output: Campaign,
    request: (input) => post('campaigns', input),
    preview: ({ settings, recipients }) =>
      `Create a draft of "${settings.subject_line}" for the audience ${recipients.list_id}.`,
    undo: ({ output }) => ({ tool: 'delete_campaign', input: { campaign_id: output.id } }),
    reconcile: 'Find it with list_campaigns before you create it again.',
  }),
  set_campaign_content: tool({
    description: 'Replace the content of a draft with HTML, plain text or the sections of a template.',
    effect: 'write',
    idempotent: true,
    input: one
      .extend({
        html: z.string().min(1).optional(),
        plain_text: z.string().min(1).optional().describe('Default: Mailchimp makes it of the HTML.'),
        template: z.object({ id: z.number().int(), sections: z.record(z.string(), z.string()).optional() }).optional(),
      })
      .refine(
        ({ html, plain_text, template }) => (html ?? plain_text ?? template) !== undefined,
        'Pass html, plain_text or template.',
      ),
    output: z.object({ plain_text: text, html: text }),
    request: ({ campaign_id: id, ...body }) => put(path`campaigns/${id}/content`, body),
    preview: (input) => `Replace the content of the campaign ${input.campaign_id}.`,
  }),
  send_campaign: tool({
    description: 'Send a campaign to all its recipients at once. It cannot be taken back.',
    effect: 'write',
    input: one,
    output: Done,
    request: (input) => post(path`campaigns/${input.campaign_id}/actions/send`),
    preview: (input) => `Send the campaign ${input.campaign_id} to all its recipients.`,
    undo: 'impossible',
    reconcile: 'Check the status with get_campaign: sending and sent mean that it was sent.',
  }),
  schedule_campaign: tool({
    description: 'Have Mailchimp send a campaign later, at a quarter of an hour. unschedule_campaign takes it back.',
    effect: 'write',
    input: one.extend({
      schedule_time: time
        .regex(QUARTER_HOUR, 'It is at minute 00, 15, 30 or 45.')
        .describe('When to send it, such as 2026-11-02T14:15:00Z.'),
    }),
    output: Done,
    request: ({ campaign_id: id, ...body }) => post(path`campaigns/${id}/actions/schedule`, body),
    preview: (input) => `Send the campaign ${input.campaign_id} at ${input.schedule_time}.`,
    undo: ({ input }) => ({ tool: 'unschedule_campaign', input: { campaign_id: input.campaign_id } }),
    reconcile: 'Check the status with get_campaign.',
  }),
  unschedule_campaign: tool({
    description: 'Take back the schedule of a campaign that was not sent yet.',
    effect: 'write',
    input: one,
    output: Done,
    request: (input) => post(path`campaigns/${input.campaign_id}/actions/unschedule`),
    preview: (input) => `Do not send the campaign ${input.campaign_id} at its time.`,
    reconcile: 'Check the status with get_campaign.',
  }),
  delete_campaign: tool({
    description: 'Delete a campaign with its reports.',
    effect: 'destroy',
    input: one,
    output: Done,
    request: (input) => del(path`campaigns/${input.campaign_id}`),
    preview: (input) => `Delete the campaign ${input.campaign_id}.`,
    reconcile: 'Check with get_campaign: a 404 means that it was deleted.',
  }),
}
