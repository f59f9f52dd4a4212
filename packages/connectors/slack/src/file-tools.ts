import { binary, ConnectorError, post, send, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { maybe } from './answers.ts'
import { tier4 } from './limits.ts'
import { call, channelId, timestamp } from './requests.ts'

const Upload = z.object({ upload_url: z.url(), file_id: z.string() })
const Shared = z.object({ files: z.array(z.object({ id: z.string(), title: maybe(z.string()) })) })

/**
 * Slack's upload in three steps: ask for an address, send the bytes there, share the file.
 * Source: https://docs.slack.dev/reference/methods/files.getUploadURLExternal
 */
export const uploadFile = tool({
  description:
    'Upload a file and share it in a channel or thread. Pass content for text, content_base64 for anything else. ' +
    'Without channel the file stays private to the app.',
  effect: 'write',
  limit: tier4,
  scopes: ['files:write'],
  input: z.object({
    filename: z.string().min(1).describe('With its extension: report.pdf.'),
    content: z.string().min(1).optional().describe('The text of the file.'),
    content_base64: z.base64().min(1).optional().describe('The bytes of the file, in base64.'),
    title: z.string().optional().describe('Shown instead of the filename.'),
    channel: channelId.optional(),
    thread_ts: timestamp.optional().describe('ts of the message to reply to; the first of its thread.'),
    initial_comment: z.string().optional().describe('A message that introduces the file.'),
    alt_txt: z.string().max(1000).optional().describe('Describes an image to screen readers.'),
    snippet_type: z.string().optional().describe('Syntax of a snippet, such as python.'),
  }),
  output: z.object({ file: z.object({ id: z.string(), title: maybe(z.string()) }) }),
  *run({ filename, content, content_base64, title, channel, ...rest }) {
    const bytes = bytesOf(content, content_base64)
    const { thread_ts, initial_comment, ...kind } = rest
    const asked = call('files.getUploadURLExternal', { filename, length: bytes.byteLength, ...kind })
    // An address that is never used changes nothing, so asking for one may be repeated.
    const { upload_url, file_id } = yield* send(asked, Upload, { effect: 'read' })
    yield* send(post(upload_url, binary(bytes, 'application/octet-stream'), { read: 'text' }), z.unknown())
    const file = { id: file_id, ...(title !== undefined && { title }) }
    const share = { files: [file], channel_id: channel, thread_ts, initial_comment }
    const { files } = yield* send(call('files.completeUploadExternal', share), Shared)
    return { file: files[0] ?? file }
  },
  reconcile: 'Look for the file in the channel with get_channel_history before you upload it again.',
})

function bytesOf(content: string | undefined, base64: string | undefined): Uint8Array<ArrayBuffer> {
  if ((content === undefined) === (base64 === undefined)) {
    throw new ConnectorError('INVALID_INPUT', 'upload_file needs exactly one of content and content_base64.', {
      hint: 'Pass content for text, or content_base64 for bytes.',
      issues: [{ path: 'content', message: 'Pass either content or content_base64.' }],
    })
  }
  if (content !== undefined) return new TextEncoder().encode(content)
  return Uint8Array.from(atob(base64 ?? ''), (character) => character.charCodeAt(0))
}
