import { ConnectorError } from '../errors/connector-error.ts'
import { fromBase64 as decoded } from '../encoding/base64.ts'

export { toBase64 } from '../encoding/base64.ts'

/**
 * Decodes base64 of a tool's input, such as a file, to the bytes of a request.
 * @param text base64 or base64url, padded or not
 * @throws ConnectorError INVALID_INPUT if it is neither
 */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const bytes = decoded(text)
  if (bytes !== undefined) return bytes
  throw new ConnectorError('INVALID_INPUT', 'A value is not base64.', {
    hint: 'Encode the bytes in base64 (RFC 4648, section 4).',
    outcome: 'not_processed',
  })
}
