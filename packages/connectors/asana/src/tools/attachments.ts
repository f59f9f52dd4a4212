import { fromBase64, multipart, post, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { gid, limit, listOf, pages, read, reads, wrapped, writes } from '../requests.ts'
import { ATTACHMENT, Attachment } from '../shapes.ts'

const parent = gid.describe('The gid of a task or a project.')
const query = { opt_fields: ATTACHMENT }
const reconcile = 'Look for it with list_attachments before you attach it again.'

export const attachments = {
  list_attachments: tool({
    description: 'List the files and links of a task or a project.',
    ...reads('attachments:read'),
    input: z.object({ parent, limit }),
    output: listOf(Attachment),
    request: (filter) => read('attachments', ATTACHMENT, filter),
    pages,
  }),
  upload_attachment: tool({
    description:
      'Attach a file of at most 100 MB to a task or a project. Pass text, or content_base64 for anything else.',
    ...writes('attachments:write'),
    input: z
      .object({
        parent,
        name: z.string().min(1).describe('With its extension: report.pdf.'),
        content_type: z.string().optional().describe('The media type, such as application/pdf.'),
        text: z.string().optional(),
        content_base64: z.base64().optional(),
      })
      .refine(
        (input) => (input.text === undefined) !== (input.content_base64 === undefined),
        'Pass either text or content_base64.',
      ),
    output: wrapped(Attachment),
    request: ({ parent: to, name, content_type: contentType, text, content_base64: encoded = '' }) => {
      const bytes = text === undefined ? fromBase64(encoded) : new TextEncoder().encode(text)
      // Asana reads names with other characters than ASCII in this form. Source: createAttachmentForObject
      const filename = /^[ -~]*$/.test(name) ? name : encodeURIComponent(name)
      return post('attachments', multipart({ file: { bytes, filename, contentType }, parent: to }), { query })
    },
    preview: (input) => `Attach the file ${input.name} to ${input.parent}.`,
    reconcile,
  }),
  attach_link: tool({
    description: 'Attach a link to a task.',
    ...writes('attachments:write'),
    input: z.object({
      parent: gid.describe('The gid of the task.'),
      name: z.string().min(1),
      url: z.url({ protocol: /^https?$/ }),
    }),
    output: wrapped(Attachment),
    request: ({ parent: to, url, name }) =>
      post('attachments', multipart({ resource_subtype: 'external', parent: to, url, name }), { query }),
    preview: (input) => `Attach the link ${input.url} to the task ${input.parent}.`,
    reconcile,
  }),
}
