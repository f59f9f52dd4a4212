import { del, fromBase64, get, mark, multipart, path, post, toBase64, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { destroys, reads, to, writes } from '../inputs.ts'
import { issueAt, perChangingEndpoint } from '../requests.ts'
import { Attachment, Done } from '../shapes.ts'

const id = z.string().min(1).describe('Id of the attachment: get_issue_details returns it.')

/** Jira takes several files and returns a list. */
const First = z.preprocess((body) => (Array.isArray(body) ? (body as readonly unknown[])[0] : body), Attachment)

const Content = z.preprocess(
  (body) => (body instanceof Uint8Array ? { content_base64: toBase64(body) } : body),
  z.object({ content_base64: mark(z.string(), { untrusted: true, private: true }) }),
)

export const attachments = {
  add_attachment: tool({
    description: 'Attach a file to an issue. Pass content for text, content_base64 for anything else.',
    ...writes,
    input: z
      .object({
        issueIdOrKey: to,
        filename: z.string().min(1).describe('With its extension: report.pdf.'),
        content: z.string().optional().describe('The text of the file.'),
        content_base64: z.base64().optional().describe('The bytes of the file, in base64.'),
        mimeType: z
          .string()
          .regex(/^[\w.+-]+\/[\w.+-]+$/)
          .optional(),
      })
      .refine((file) => (file.content === undefined) !== (file.content_base64 === undefined), {
        message: 'Pass either content or content_base64.',
      }),
    output: First,
    request: ({ issueIdOrKey: issue, filename, mimeType, content, content_base64 = '' }) => {
      const bytes = content === undefined ? fromBase64(content_base64) : new TextEncoder().encode(content)
      const part = { bytes, filename, contentType: mimeType }
      // Jira refuses a form without this header, which pages of other sites cannot send.
      const headers = { 'x-atlassian-token': 'no-check' }
      return post(`${issueAt(issue)}/attachments`, multipart({ file: part }), { headers })
    },
    preview: ({ issueIdOrKey: issue, filename }) => `Attach ${filename} to the issue ${issue}.`,
    undo: ({ output }) => ({ tool: 'delete_attachment', input: { id: output.id } }),
    reconcile: 'Read the attachments with get_issue_details before you add it again.',
  }),
  download_attachment: tool({
    description: 'Download a file that is attached to an issue, in base64.',
    ...reads,
    input: z.object({ id }),
    output: Content,
    // Without the redirect to another host, which would need no credential.
    request: (input) => get(path`attachment/content/${input.id}`, { redirect: false }, { read: 'bytes' }),
  }),
  delete_attachment: tool({
    description: 'Delete a file of an issue for good.',
    ...destroys,
    limit: perChangingEndpoint,
    input: z.object({ id }),
    output: Done,
    request: (input) => del(path`attachment/${input.id}`),
    preview: (input) => `Delete the attachment ${input.id}.`,
    reconcile: 'Call it again: an error with status 404 means that it was deleted.',
  }),
}
