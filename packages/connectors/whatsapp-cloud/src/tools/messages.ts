import { mark, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { message, messageTo, sends, throughput } from '../requests.ts'
import { Done, language, mediaId, messageId, Sent, templateName, to } from '../shapes.ts'
import type { Context } from '../shapes.ts'

const context = z.object({ message_id: messageId }).optional().describe('The message to reply to.')
const reconcile = 'Wait for the status event of the message. WhatsApp has no list of sent messages.'
const Parameter = z.looseObject({ type: z.string().describe('text, currency, date_time, image, document or video.') })
const Component = z.object({
  type: z.enum(['header', 'body', 'button']),
  sub_type: z.enum(['quick_reply', 'url', 'copy_code', 'flow', 'catalog']).optional().describe('Kind of a button.'),
  index: z.string().regex(/^\d$/).optional().describe('Position of a button: 0 is the first one.'),
  parameters: z.array(Parameter).optional().describe('The values of {{1}}, {{2}} and so on, in order.'),
})

/** Messages to users of WhatsApp. Free text needs a message of the user in the last 24 hours; templates do not. */
export const messages = {
  send_text_message: tool({
    description: 'Send a text to a user who wrote in the last 24 hours. To any other user, use send_template_message.',
    ...sends('write'),
    input: z.object({
      to,
      body: z.string().min(1).max(4096),
      preview_url: z.boolean().optional().describe('Whether the first link gets a preview.'),
      context,
    }),
    output: Sent,
    request: ({ body, preview_url, ...target }, scope: Context) =>
      messageTo(target, 'text', { body, preview_url }, scope),
    preview: (input) => `Send to ${input.to}: ${input.body}`,
    undo: 'impossible',
    reconcile,
  }),
  send_template_message: tool({
    description: 'Send an approved template with its parameters. It may open a conversation, which Meta charges for.',
    ...sends('write'),
    input: z.object({
      to,
      name: templateName.describe('Name of the template; list_templates returns it.'),
      language,
      components: z.array(Component).optional().describe('Parameters of the parts of the template.'),
    }),
    output: Sent,
    request: ({ to: recipient, name, language: code, components }, scope: Context) =>
      messageTo(
        { to: recipient },
        'template',
        { name, language: { policy: 'deterministic', code }, components },
        scope,
      ),
    preview: (input) => `Send the template ${input.name} (${input.language}) to ${input.to}.`,
    undo: 'impossible',
    reconcile,
    examples: [
      {
        input: {
          to: '16315551181',
          name: 'order_shipped',
          language: 'en_US',
          components: [{ type: 'body', parameters: [{ type: 'text', text: '4417' }] }],
        },
      },
    ],
  }),
  send_media_message: tool({
    description:
      'Send an image, video, audio, document or sticker: a file of upload_media, or one that Meta downloads.',
    ...sends('write'),
    input: z
      .object({
        to,
        type: z.enum(['image', 'video', 'audio', 'document', 'sticker']),
        id: mediaId.optional(),
        link: mark(z.url({ protocol: /^https?$/ }), { destination: 'url' })
          .optional()
          .describe('Public URL of the file, instead of id.'),
        caption: z.string().max(1024).optional().describe('Text below an image, video or document.'),
        filename: z.string().min(1).optional().describe('Name of a document.'),
        context,
      })
      .refine(({ id, link }) => (id === undefined) !== (link === undefined), 'Pass either id or link.')
      // Source: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
      .refine(({ type, caption }) => caption === undefined || (type !== 'audio' && type !== 'sticker'), {
        path: ['caption'],
        message: 'Only an image, a video and a document have a caption.',
      })
      .refine(({ type, filename }) => filename === undefined || type === 'document', {
        path: ['filename'],
        message: 'Only a document has a filename.',
      }),
    output: Sent,
    request: ({ to: recipient, type, context: reply, ...file }, scope: Context) =>
      messageTo({ to: recipient, context: reply }, type, file, scope),
    preview: (input) => `Send the ${input.type} ${input.filename ?? input.link ?? input.id ?? ''} to ${input.to}.`,
    undo: 'impossible',
    reconcile,
  }),
  send_reaction: tool({
    description: 'React to a message with an emoji, or remove the reaction with an empty one.',
    ...sends('write'),
    input: z.object({
      to,
      message_id: messageId,
      emoji: z.string().max(32).describe('One emoji, or an empty string.'),
    }),
    output: Sent,
    request: ({ to: recipient, ...reaction }, scope: Context) =>
      messageTo({ to: recipient }, 'reaction', reaction, scope),
    preview: (input) => `React with "${input.emoji}" to the message ${input.message_id} of ${input.to}.`,
    undo: ({ input }) => ({ tool: 'send_reaction', input: { ...input, emoji: '' } }),
    reconcile,
  }),
  mark_message_read: tool({
    description: 'Show a received message, and those before it, as read. Can show that a reply is being typed.',
    ...sends('write'),
    limit: throughput,
    input: z.object({
      message_id: messageId,
      typing_indicator: z.boolean().default(false).describe('Whether to show "typing" for up to 25 seconds.'),
    }),
    output: Done,
    request: ({ message_id, typing_indicator }, scope: Context) =>
      message({ status: 'read', message_id, ...(typing_indicator && { typing_indicator: { type: 'text' } }) }, scope),
    preview: (input) => `Mark the message ${input.message_id} as read.`,
    undo: 'impossible',
    reconcile: 'Call it again: a message that is read stays read.',
  }),
}
