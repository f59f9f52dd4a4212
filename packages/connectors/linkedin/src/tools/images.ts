import { binary, fromBase64, post, put, send, tool } from '@mcpclient/core/define'
import type { ToolContext } from '@mcpclient/core/define'
import * as z from 'zod'
import { rest, urn } from '../requests.ts'
import type { SettingsOf } from '../shapes.ts'

const Upload = z.object({ value: z.object({ uploadUrl: z.url({ protocol: /^https$/ }), image: z.string() }) })

export const images = {
  upload_image: tool({
    description: 'Upload a JPG, PNG or GIF, for a post of its owner. It appears nowhere before create_post names it.',
    effect: 'write',
    input: z.object({
      owner: urn('person', 'organization').describe('The author of the post that will show it.'),
      content_base64: z.base64().min(1),
      content_type: z.enum(['image/jpeg', 'image/png', 'image/gif']).default('image/jpeg'),
    }),
    output: z.object({ image: z.string().describe('Pass it to create_post as image.id.') }),
    // Source: https://learn.microsoft.com/linkedin/marketing/community-management/shares/images-api
    *run({ owner, content_base64, content_type }, context: ToolContext<SettingsOf>) {
      const query = { action: 'initializeUpload' }
      const start = post('rest/images', { initializeUploadRequest: { owner } }, { query, ...rest(context) })
      const { value } = yield* send(start, Upload)
      yield* send(put(value.uploadUrl, binary(fromBase64(content_base64), content_type), { read: 'text' }), z.unknown())
      return { image: value.image }
    },
    preview: (input) => `Upload an image for ${input.owner}.`,
    undo: 'impossible',
    reconcile: 'Upload it again: an image that no post names is not shown.',
  }),
}
