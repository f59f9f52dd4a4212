import { ConnectorError } from '../errors/connector-error.ts'
import { systemClock } from '../ports/clock.ts'
import type { Clock } from '../ports/clock.ts'
import { readSecret } from './read-secret.ts'
import { SecretSources } from './secret-reference.ts'
import type { SecretReference } from './secret-reference.ts'
import type { SecretSource } from './secret-source.ts'

const TTL_MS = 300_000
const STALE_MS = 3_600_000
const TIMEOUT_MS = 10_000
/** While a source is down it is asked again after this long, not with every read. */
const ASK_AGAIN_MS = 30_000

export interface SecretReaderOptions {
  readonly sources: readonly SecretSource[]
  /** Milliseconds for which a secret is at hand; 300,000 (5 minutes) unless said otherwise. */
  readonly ttlMs?: number | undefined
  /**
   * Milliseconds beyond `ttlMs` for which the last secret is still answered while its source cannot be reached;
   * 3,600,000 (an hour) unless said otherwise, 0 for never. A source that says that the secret is gone is believed at once.
   */
  readonly staleMs?: number | undefined
  /** Milliseconds for the source to answer; 10,000 unless said otherwise. */
  readonly timeoutMs?: number | undefined
  /** Time for all of these; default: the system's. */
  readonly clock?: Clock | undefined
}

/** Reads secrets that change while the process runs. It keeps them in memory and nowhere else. */
export interface SecretReader {
  /**
   * The secret that a reference such as `vault:kv/data/app#key` names. Those who ask at the same time share one read.
   * @param options.signal ends the waiting of this caller, not that of others
   * @throws ConnectorError as the source does; CONFIGURATION_ERROR if the text is no reference, which it then does not
   *   hold: it may be a secret
   */
  read(reference: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<string>
  /** Reads anew next time: this one, or all. Call it when a secret was refused, since it may have been rotated. */
  forget(reference?: string): void
}

interface Flight {
  answer?: Promise<string>
}

interface Kept {
  readonly secret: string
  /** On the monotonic clock, as the next. */
  readonly freshUntil: number
  readonly staleUntil: number
}

/**
 * A reader of secrets that rotate: cached for `ttlMs`, one read at a time for each reference, and calm while a source is
 * down. For what is read once, when the process starts, `resolveSecrets` is enough.
 * @throws ConnectorError CONFIGURATION_ERROR if two sources read one scheme
 */
export function secretReader(options: SecretReaderOptions): SecretReader {
  const { ttlMs = TTL_MS, staleMs = STALE_MS, timeoutMs = TIMEOUT_MS, clock = systemClock } = options
  const sources = new SecretSources(options.sources)
  const kept = new Map<string, Kept>()
  const reading = new Map<string, Flight>()

  const land = async (text: string, reference: SecretReference, isCurrent: () => boolean): Promise<string> => {
    try {
      const secret = await readSecret(reference, { sources, clock, timeoutMs })
      const now = clock.monotonic()
      if (isCurrent()) kept.set(text, { secret, freshUntil: now + ttlMs, staleUntil: now + ttlMs + staleMs })
      return secret
    } catch (error) {
      const last = kept.get(text)
      const now = clock.monotonic()
      if (last === undefined || last.staleUntil <= now || !(error as ConnectorError).retryable) {
        if (isCurrent()) kept.delete(text)
        throw error
      }
      kept.set(text, { ...last, freshUntil: Math.min(now + ASK_AGAIN_MS, last.staleUntil) })
      return last.secret
    }
  }

  const share = (text: string, reference: SecretReference): Promise<string> => {
    const running = reading.get(text)
    if (running?.answer !== undefined) return running.answer
    const flight: Flight = {}
    reading.set(text, flight)
    const isCurrent = (): boolean => reading.get(text) === flight
    flight.answer = land(text, reference, isCurrent).finally(() => {
      if (isCurrent()) reading.delete(text)
    })
    return flight.answer
  }

  return {
    async read(text, { signal } = {}) {
      const reference = sources.parse(text)
      if (reference === undefined) {
        throw new ConnectorError('CONFIGURATION_ERROR', 'This text is no secret reference.', {
          hint: `A reference begins with one of ${sources.schemes.map((scheme) => `${scheme}:`).join(' ')}`,
        })
      }
      const last = kept.get(text)
      if (last !== undefined && last.freshUntil > clock.monotonic()) return last.secret
      return untilAborted(share(text, reference), signal)
    },
    forget(text) {
      // A read that is under way began before, and may answer the old secret: nobody new waits for it, or keeps it.
      if (text === undefined) {
        kept.clear()
        reading.clear()
      } else {
        kept.delete(text)
        reading.delete(text)
      }
    },
  }
}

function untilAborted(promise: Promise<string>, signal: AbortSignal | undefined): Promise<string> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const onAbort = (): void =>
      reject(new ConnectorError('CANCELLED', 'Reading a secret was cancelled.', {}, { cause: signal.reason }))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
