import { ConnectorError } from '@mcpclient/core/define'
import type { RefusalReason, UnverifiedDelivery } from '@mcpclient/core/define'
import { readContent } from '../verification/content.ts'
import type { Content } from '../verification/content.ts'
import { DEFAULT_WINDOW, timestampFault } from '../verification/timestamp.ts'
import type { TimestampUnit, TimeWindow } from '../verification/timestamp.ts'
import { MAX_ID_LENGTH, MAX_SIGNATURE_LENGTH } from '../verification/verdict.ts'

/** The parts of a delivery that a signature covers, and their places. */
export interface SignedContentOptions extends Partial<TimeWindow> {
  /** The header with the signature. */
  readonly header: string
  /**
   * The signed parts in their order: `{body}`, `{timestamp}`, `{id}`, `{url}`, `{method}`.
   * @default '{body}'
   */
  readonly content?: string | undefined
  /** Stands before each signature, such as `sha256=`. Entries of the header that begin differently are ignored. */
  readonly prefix?: string | undefined
  /** Separates the entries of a header that holds several. Absent: the whole header is one signature. */
  readonly separator?: string | undefined
  /** The place of the timestamp: a header of its own, or the entry of the signature header that begins with `prefix`. */
  readonly timestamp?:
    | (({ readonly header: string } | { readonly prefix: string }) & { readonly unit: TimestampUnit })
    | undefined
  /** The header with the id of the delivery. */
  readonly idHeader?: string | undefined
  /** Rewrites the URL to the form that the provider signs. */
  readonly signedUrl?: ((url: string) => string) | undefined
}

export interface SignedDelivery {
  /** The signatures that the header holds, without their prefix, still encoded. At least one. */
  readonly signatures: readonly string[]
  readonly signed: Uint8Array<ArrayBuffer>
}

export type ReadSigned = (delivery: UnverifiedDelivery) => SignedDelivery | RefusalReason

/** A provider signs with each of its active secrets; more signatures than this are an attack on the processor. */
const MAX_SIGNATURES = 8

/**
 * Returns a function that reads the signatures of a delivery and the bytes that they cover.
 * @throws ConnectorError CONFIGURATION_ERROR for options that would verify less than they seem to
 */
export function signedDeliveries(options: SignedContentOptions): ReadSigned {
  const { header, prefix = '', separator, timestamp, idHeader, signedUrl = (url) => url } = options
  const content = readContent(options.content ?? '{body}')
  checkCoverage(content, options)
  const window: TimeWindow = {
    maxAgeMs: options.maxAgeMs ?? DEFAULT_WINDOW.maxAgeMs,
    maxLeadMs: options.maxLeadMs ?? DEFAULT_WINDOW.maxLeadMs,
  }
  return (delivery) => {
    const value = delivery.header(header)
    if (value === undefined || value === '') return 'signature_missing'
    const entries =
      value.length > MAX_SIGNATURE_LENGTH ? [] : separator === undefined ? [value] : value.split(separator)
    const signatures = entries.filter((entry) => entry.startsWith(prefix)).map((entry) => entry.slice(prefix.length))
    const isWellFormed = entries.every((entry) => ENTRY.test(entry) && entry.includes(prefix.slice(-1)))
    if (!isWellFormed || signatures.length === 0 || signatures.length > MAX_SIGNATURES) return 'signature_malformed'

    const time =
      timestamp && ('header' in timestamp ? delivery.header(timestamp.header) : only(entries, timestamp.prefix))
    const fault = timestamp && timestampFault(time, timestamp.unit, window, delivery.now)
    if (fault !== undefined) return fault

    const id = idHeader === undefined ? undefined : delivery.header(idHeader)
    if (idHeader !== undefined && (id === undefined || id === '')) return 'id_missing'
    if (id !== undefined && (id.length > MAX_ID_LENGTH || !ENTRY.test(id) || content.isAmbiguousId(id))) {
      return 'id_malformed'
    }
    const values = {
      method: delivery.method,
      url: signedUrl(delivery.url),
      ...(time !== undefined && { timestamp: time }),
      ...(id !== undefined && { id }),
    }
    return { signatures, signed: content.bytes(delivery.bytes, values) }
  }
}

/** Visible ASCII. A header that was sent twice is joined with a comma and a space, so its parts do not match. */
const ENTRY = /^[!-~]*[!-+\--~]$/

/** Returns the rest of the one entry that begins with the prefix. Two of them are as good as none. */
function only(entries: readonly string[], prefix: string): string | undefined {
  const [first, ...others] = entries.filter((entry) => entry.startsWith(prefix))
  return others.length === 0 ? first?.slice(prefix.length) : undefined
}

function checkCoverage(
  content: Content,
  { header, timestamp, idHeader, maxAgeMs, maxLeadMs }: SignedContentOptions,
): void {
  const pairs = [
    ['timestamp', timestamp !== undefined],
    ['id', idHeader !== undefined],
  ] as const
  for (const [name, isGiven] of pairs) {
    if (content.has(name) === isGiven) continue
    throw new ConnectorError(
      'CONFIGURATION_ERROR',
      isGiven
        ? `The signature in ${header} does not cover the ${name}.`
        : `The content needs a ${name}, which has no place.`,
      { hint: isGiven ? `Add {${name}} to the content.` : `Name the header of the ${name}.` },
    )
  }
  for (const [name, value] of [
    ['maxAgeMs', maxAgeMs],
    ['maxLeadMs', maxLeadMs],
  ] as const) {
    if (value === undefined || (value >= 0 && value < Infinity)) continue
    throw new ConnectorError('CONFIGURATION_ERROR', `${name} must be finite milliseconds of at least 0.`, {
      hint: 'A delivery without a limit of age can be replayed forever.',
    })
  }
}
