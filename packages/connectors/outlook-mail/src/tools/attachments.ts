import { get, path, tool } from '@mcpclient/core/define'
import { odataPages } from '@mcpclient/microsoft'
import * as z from 'zod'
import { messageAt } from '../requests.ts'
import { scopes } from '../scopes.ts'
import { Attachment, AttachmentContent, messageId } from '../shapes.ts'

const reads = { effect: 'read', scopes: [scopes.read] } as const

/** The attachments of messages. */
export const attachments = {
  list_attachments: tool({
    description: 'List the attachments of a message with their names, types and sizes, without their bytes.',
    ...reads,
    input: z.object({ messageId }),
    output: z.object({ value: z.array(Attachment) }),
    request: ({ messageId: id }) =>
      get(`${messageAt(id)}/attachments`, { $select: 'id,name,contentType,size,isInline' }),
    pages: odataPages(),
  }),
  get_attachment: tool({
    description: 'Get the bytes of an attachment in base64. list_attachments returns its id.',
    ...reads,
    input: z.object({ messageId, attachmentId: z.string().min(1) }),
    output: AttachmentContent,
    request: ({ messageId: id, attachmentId }) => get(path`me/messages/${id}/attachments/${attachmentId}`),
  }),
}
