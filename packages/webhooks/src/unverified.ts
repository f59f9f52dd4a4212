import { ConnectorError } from '@mcpclient/core'
import type { UnverifiedDelivery, Verifier } from '@mcpclient/core/define'
import { readBody } from './read-body.ts'
import type { BodyRefusal } from './read-body.ts'

/** A request whose body was read once: the delivery for a verifier, and the bytes for reading. */
export interface Arrived {
  readonly unverified: UnverifiedDelivery
  readonly decompressed: Uint8Array<ArrayBuffer>
}

/**
 * Reads a request for a verifier.
 * @param url the public URL, with the query that arrived
 * @throws ConnectorError CONFIGURATION_ERROR if a body parser was first
 */
export async function readRequest(
  request: Request,
  { scheme, url, maxBytes, now }: { scheme: Verifier; url: string; maxBytes: number; now: number },
): Promise<Arrived | BodyRefusal> {
  const body = await readBody(request, maxBytes)
  if (typeof body === 'string') return body
  const unverified = {
    method: request.method.toUpperCase(),
    url,
    bytes: scheme.signedBytes === 'decompressed' ? body.decompressed : body.received,
    now,
    header: (name: string) => request.headers.get(name) ?? undefined,
  }
  return { unverified, decompressed: body.decompressed }
}

/**
 * Returns the public URL of a request: the composed address and the query that arrived.
 * @throws ConnectorError CONFIGURATION_ERROR if the address is no URL without a query
 */
export function publicUrl(request: Request, address: string): string {
  if (!URL.canParse(address) || /[?#]/.test(address)) {
    throw new ConnectorError('CONFIGURATION_ERROR', 'The webhook address is no URL without a query.', {
      hint: "Pass the public address, such as 'https://app.example/hooks/github'.",
    })
  }
  return address + new URL(request.url).search
}
