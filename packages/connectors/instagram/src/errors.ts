import { valueAt } from '@mcpclient/core/define'
import type { ErrorRow } from '@mcpclient/core/define'
import { graphErrors } from '@mcpclient/meta'

const temporary: ErrorRow = { code: 'MCP_SERVER_ERROR', hint: 'Create another container and publish that one.' }
const subcodeOf = (body: unknown): unknown => valueAt(body, 'error.error_subcode')

/**
 * Returns the meaning of a refused code. The token endpoint has one code for all errors, so the message decides. Meta
 * documents one message, "Matching code was not found or was already used". A wrong app has others.
 *
 * Source: https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login
 */
const refusedCode = (body: unknown): ErrorRow =>
  /client_secret|client secret|platform app|redirect_uri/i.test(String(valueAt(body, 'error_message')))
    ? { code: 'CONFIGURATION_ERROR', hint: 'Check the id and the secret of the Instagram app, and its redirect URIs.' }
    : { code: 'MCP_AUTHENTICATION_FAILURE', reason: 'code_refused', hint: 'Start again with connect().' }

// Source: https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes
export const errors = graphErrors({
  code: 'error_type',
  message: 'error_message',
  rows: {
    OAuthException: refusedCode,
    '-1': temporary,
    '-2': (body) =>
      subcodeOf(body) === 2_207_020 ? { hint: 'Create another container: this one has expired.' } : temporary,
    4: (body) =>
      subcodeOf(body) === 2_207_051
        ? { hint: 'Do not repeat it: Instagram takes it for spam.' }
        : { code: 'MCP_RATE_LIMIT_EXCEEDED', notProcessed: true, blocks: 'app' },
    9: (body) =>
      subcodeOf(body) === 2_207_042 ? { hint: 'Publish it tomorrow: get_publishing_limit returns what is left.' } : {},
    24: (body) =>
      subcodeOf(body) === 2_207_008
        ? { ...temporary, hint: 'Publish the container again in 30 seconds, twice at most.' }
        : { hint: 'Create another container: this one is unknown, or belongs to another account.' },
    25: { hint: 'Have the user open Instagram and follow its instructions: the account is restricted.' },
    352: { hint: 'Use another video: MOV or MP4 with H264 or HEVC and AAC.' },
    9004: { hint: 'Check the URL: Instagram has to be able to download it without a login.' },
    9007: { hint: 'Call get_container_status until it is FINISHED, at most once a minute.' },
    36_000: { hint: 'Use an image of at most 8 MB.' },
    36_001: { hint: 'Use a JPEG.' },
    36_003: { hint: 'Use an image with an aspect ratio from 4:5 to 1.91:1.' },
    36_004: { hint: 'Use a caption of at most 2,200 characters, 30 hashtags and 20 mentions.' },
  },
})
