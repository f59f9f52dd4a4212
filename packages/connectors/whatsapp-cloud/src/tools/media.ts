import { del, fromBase64, get, mark, multipart, path, post, send, toBase64, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { messaging } from '../requests.ts'
import { Done, Media, mediaId } from '../shapes.ts'
import type { Context } from '../shapes.ts'

const media_id = mediaId
/** Meta refuses a file of another number. */
const ofNumber = ({ settings }: Context) => ({ phone_number_id: settings.phoneNumberId })
const Content = z.object({
  ...Media.omit({ id: true, url: true }).shape,
  content_base64: mark(z.string(), { untrusted: true, private: true }).describe('The bytes of the file, in base64.'),
})

/** Files of messages. Meta keeps an uploaded file for 30 days. */
export const media = {
  upload_media: tool({
    description: 'Upload a file for send_media_message. Meta keeps it for 30 days.',
    ...messaging('write'),
    input: z.object({
      filename: z.string().min(1).describe('With its extension: report.pdf.'),
      type: z
        .string()
        .regex(/^[\w.+-]+\/[\w.+-]+$/)
        .describe('Media type, such as image/jpeg or application/pdf.'),
      content_base64: z.base64().min(1).describe('The bytes of the file, in base64.'),
    }),
    output: z.object({ id: z.string() }),
    request({ filename, type, content_base64 }, { settings }: Context) {
      const file = { bytes: fromBase64(content_base64), filename, contentType: type }
      return post(path`${settings.phoneNumberId}/media`, multipart({ messaging_product: 'whatsapp', type, file }))
    },
    preview: (input) => `Upload ${input.filename} (${input.type}).`,
    undo: ({ output: { id } }) => ({ tool: 'delete_media', input: { media_id: id } }),
    reconcile: 'Upload it again: a file that no message uses is deleted after 30 days.',
  }),
  get_media: tool({
    description: 'Get the type, the size and the URL of a file. download_media returns its bytes.',
    ...messaging('read'),
    input: z.object({ media_id }),
    output: Media,
    request: ({ media_id: id }, context: Context) => get(path`${id}`, ofNumber(context)),
  }),
  download_media: tool({
    description: 'Get the bytes of a file that was received or uploaded, in base64.',
    ...messaging('read'),
    input: z.object({ media_id }),
    output: Content,
    *run({ media_id: id }, context: Context) {
      const { url, mime_type, sha256, file_size } = yield* send(get(path`${id}`, ofNumber(context)), Media)
      const bytes = yield* send(get(url, undefined, { read: 'bytes' }), z.instanceof(Uint8Array))
      return { mime_type, sha256, file_size, content_base64: toBase64(bytes) }
    },
  }),
  delete_media: tool({
    description: 'Delete a file that was uploaded or received. Messages that were sent with it keep it.',
    ...messaging('destroy'),
    input: z.object({ media_id }),
    output: Done,
    request: ({ media_id: id }, context: Context) => del(path`${id}`, undefined, { query: ofNumber(context) }),
    preview: (input) => `Delete the file ${input.media_id}.`,
    reconcile: 'Call get_media: an error says that it was deleted.',
  }),
}
