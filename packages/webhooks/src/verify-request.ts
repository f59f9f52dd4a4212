import type { Delivery, RefusalReason, Secrets, Verifier } from '@mcpclient/core/define'
import { openDelivery } from './delivery.ts'
import type { BodyRefusal } from './read-body.ts'
import { publicUrl, readRequest } from './unverified.ts'

export interface VerifyRequestOptions {
  readonly scheme: Verifier
  /** The result of `activeSecrets()`. */
  readonly secrets: Secrets
  /**
   * The public address that the provider calls, without a query; a function if the path holds a secret. Proxies change
   * the address of the request itself, and its headers can be forged.
   */
  readonly address: string | ((request: Request) => string)
  /** The most bytes of a body, compressed and not. @default 1_048_576 */
  readonly maxBytes?: number | undefined
  /** The time in milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined
}

/** The reason why a request was refused: for a log, never for the response. */
export type RequestRefusal = RefusalReason | BodyRefusal

export type VerifiedRequest =
  | {
      readonly verified: true
      readonly delivery: Delivery
      /** The channels whose tokens the delivery carries, if the scheme has tokens. */
      readonly channels?: readonly string[] | undefined
    }
  | {
      readonly verified: false
      /** The status to respond with: 401, 413, 415, 400, or 503 if the provider should send it again. */
      readonly status: 400 | 401 | 413 | 415 | 503
      readonly reason: RequestRefusal
    }

export const DEFAULT_MAX_BYTES = 1_048_576

export const STATUSES: Readonly<Partial<Record<RequestRefusal, 400 | 413 | 415 | 503>>> = {
  body_too_large: 413,
  body_unreadable: 400,
  encoding_unsupported: 415,
  keys_unavailable: 503,
}

/**
 * Verifies a request over its raw bytes, and opens it for reading. Never throws because of what a sender sent.
 * @throws ConnectorError CONFIGURATION_ERROR if the address is no URL, or if a body parser was first
 */
export async function verifyRequest(request: Request, options: VerifyRequestOptions): Promise<VerifiedRequest> {
  const { scheme, secrets, address, maxBytes = DEFAULT_MAX_BYTES, now = Date.now } = options
  const url = publicUrl(request, typeof address === 'string' ? address : address(request))
  const arrived = await readRequest(request, { scheme, url, maxBytes, now: now() })
  if (typeof arrived === 'string') return refusal(arrived)
  const verdict = await scheme.verify(arrived.unverified, secrets)
  if (!verdict.verified) return refusal(verdict.reason)
  const { channels } = verdict
  return {
    verified: true,
    delivery: openDelivery(request.headers, arrived.decompressed, channels),
    ...(channels && { channels }),
  }
}

const refusal = (reason: RequestRefusal): VerifiedRequest => ({
  verified: false,
  status: STATUSES[reason] ?? 401,
  reason,
})
