import { del, path, post, send, tool } from '@mcpclient/core/define'
import { recipientsAndFiles } from '@mcpclient/shapes'
import * as z from 'zod'
import { Email, messageOf, sendable } from '../email.ts'
import { Accepted, Deleted, text, unixSeconds } from '../shapes.ts'
import type { Context } from '../shapes.ts'
import { mailSend } from './send-email.ts'

const batch_id = z.string().min(1).describe('Id of the batch: schedule_email returns it.')
const Batch = z.object({ batch_id: z.string() })

/**
 * E-mails that SendGrid sends later. Sources: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send (72 hours)
 * and https://www.twilio.com/docs/sendgrid/api-reference/cancel-scheduled-sends (ten minutes).
 */
export const scheduledEmail = {
  schedule_email: tool({
    description:
      'Have SendGrid send an e-mail later, at most 72 hours ahead. cancel_scheduled_email takes it back until ten minutes before.',
    effect: 'write',
    scopes: ['mail.send', 'mail.batch.create'],
    input: sendable(
      Email.extend({
        send_at: unixSeconds.describe('When to send it: seconds since 1970 (Unix time).'),
        batch_id: batch_id.optional().describe('Id of a batch that the e-mail joins. Absent: a batch of its own.'),
      }),
    ),
    output: Batch.extend({ send_at: z.number(), message_id: text }),
    *run({ send_at, batch_id: joined, ...content }, context: Context) {
      const message = messageOf(content, context)
      // An unused batch changes nothing, so this step may be repeated.
      const own = joined ?? (yield* send(post('mail/batch'), Batch, { effect: 'read' })).batch_id
      const { message_id } = yield* send(mailSend({ ...message, send_at, batch_id: own }), Accepted)
      return { batch_id: own, send_at, message_id }
    },
    preview: (input) =>
      `Send "${input.subject}"${recipientsAndFiles(input)} at ${new Date(input.send_at * 1000).toISOString()}.`,
    undo: ({ output }) => ({ tool: 'cancel_scheduled_email', input: { batch_id: output.batch_id } }),
    reconcile: 'Check the delivery events after its time, before you schedule it again.',
  }),
  cancel_scheduled_email: tool({
    description: 'Cancel all scheduled e-mails of a batch. It is certain until ten minutes before their time.',
    effect: 'write',
    scopes: ['user.scheduled_sends.create'],
    input: z.object({ batch_id }),
    output: Batch.extend({ status: z.string() }),
    request: (input) => post('user/scheduled_sends', { ...input, status: 'cancel' }),
    preview: (input) => `Cancel the scheduled e-mails of the batch ${input.batch_id}.`,
    undo: ({ input }) => ({ tool: 'resume_scheduled_email', input }),
    reconcile: 'Call it again: a 400 means that the batch was canceled.',
  }),
  resume_scheduled_email: tool({
    description: 'Take back the cancellation of a batch, so that its e-mails are sent at their time.',
    effect: 'write',
    scopes: ['user.scheduled_sends.delete'],
    input: z.object({ batch_id }),
    output: Deleted,
    request: (input) => del(path`user/scheduled_sends/${input.batch_id}`),
    preview: (input) => `Send the canceled e-mails of the batch ${input.batch_id} at their time.`,
    undo: ({ input }) => ({ tool: 'cancel_scheduled_email', input }),
    reconcile: 'Call it again: a 404 means that there is no cancellation.',
  }),
}
