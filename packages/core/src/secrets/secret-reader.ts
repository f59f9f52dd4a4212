import { ConnectorError } from '../errors/connector-error.ts'
import { systemClock } from '../ports/clock.ts'
import type { Clock } from '../ports/clock.ts'
import { untilAborted } from '../ports/until-aborted.ts'
import { readSecret } from './read-secret.ts'
import { SecretSources } from './secret-source.ts'
import type { SecretReference, SecretSource } from './secret-source.ts'

const TTL_MS = 300_000
const STALE_MS = 3_600_000
const TIMEOUT_MS = 10_000
/** Milliseconds until an unavailable source is tried again. */
const RETRY_AFTER_MS = 30_000

export interface SecretReaderOptions {
  readonly sources: readonly SecretSource[]
  /**
   * Milliseconds for which a secret is cached.
   * @default 300_000
   */
  readonly ttlMs?: number | undefined
  /**
   * Milliseconds beyond `ttlMs` for which a stale secret is returned while its source is unavailable; 0 for never. A
   * source that reports the secret as missing is never overruled.
   * @default 3_600_000
   */
  readonly staleMs?: number | undefined
  /**
   * Timeout for one read of the source.
   * @default 10_000
   */
  readonly timeoutMs?: number | undefined
  /** @default the system's clock */
  readonly clock?: Clock | undefined
}

/** Reads secrets that change while the process runs. Caches them in memory only. */
export interface SecretReader {
  /**
   * Returns the secret of a reference such as `vault:kv/data/app#key`. Concurrent callers share one read.
   * @param options.signal ends the wait of this caller, not of others
   * @throws ConnectorError as the source does; CONFIGURATION_ERROR if the string is not a reference (the error does not
   *   contain it, because it may be a secret)
   */
  read(reference: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<string>
  /** Discards one cached secret, or all. Call it after a secret was rejected, because it may have been rotated. */
  forget(reference?: string): void
}

interface Flight {
  result?: Promise<string>
}

interface CachedSecret {
  readonly secret: string
  /** On the monotonic clock, like the next. */
  readonly freshUntil: number
  readonly staleUntil: number
}

/**
 * Creates a reader for secrets that rotate. It caches each secret for `ttlMs`, reads each reference once at a time, and
 * serves stale secrets while a source is unavailable. For secrets that are read once at start, use `resolveSecrets`.
 * @throws ConnectorError CONFIGURATION_ERROR if two sources have the same scheme
 */
export function secretReader(options: SecretReaderOptions): SecretReader {
  const { ttlMs = TTL_MS, staleMs = STALE_MS, timeoutMs = TIMEOUT_MS, clock = systemClock } = options
  const sources = new SecretSources(options.sources)
  const cache = new Map<string, CachedSecret>()
  const reading = new Map<string, Flight>()

  const readAndCache = async (text: string, reference: SecretReference, isCurrent: () => boolean): Promise<string> => {
    try {
      const secret = await readSecret(reference, { sources, clock, timeoutMs })
      const now = clock.monotonic()
      if (isCurrent()) cache.set(text, { secret, freshUntil: now + ttlMs, staleUntil: now + ttlMs + staleMs })
      return secret
    } catch (error) {
      const last = cache.get(text)
      const now = clock.monotonic()
      if (last === undefined || last.staleUntil <= now || !(error as ConnectorError).retryable) {
        if (isCurrent()) cache.delete(text)
        throw error
      }
      cache.set(text, { ...last, freshUntil: Math.min(now + RETRY_AFTER_MS, last.staleUntil) })
      return last.secret
    }
  }

  const singleFlight = (text: string, reference: SecretReference): Promise<string> => {
    const running = reading.get(text)
    if (running?.result !== undefined) return running.result
    const flight: Flight = {}
    reading.set(text, flight)
    const isCurrent = (): boolean => reading.get(text) === flight
    flight.result = readAndCache(text, reference, isCurrent).finally(() => {
      if (isCurrent()) reading.delete(text)
    })
    return flight.result
  }

  return {
    async read(text, { signal } = {}) {
      const reference = sources.parse(text)
      if (reference === undefined) {
        throw new ConnectorError('CONFIGURATION_ERROR', 'This string is not a secret reference.', {
          hint: `Start a reference with one of ${sources.schemes.map((scheme) => `${scheme}:`).join(' ')}`,
        })
      }
      const last = cache.get(text)
      if (last !== undefined && last.freshUntil > clock.monotonic()) return last.secret
      return withCancelled(singleFlight(text, reference), signal)
    },
    forget(text) {
      // A read in flight may return the old secret, so no new caller joins it, and its result is not cached.
      if (text === undefined) {
        cache.clear()
        reading.clear()
      } else {
        cache.delete(text)
        reading.delete(text)
      }
    },
  }
}

async function withCancelled(result: Promise<string>, signal: AbortSignal | undefined): Promise<string> {
  try {
    return await untilAborted(result, signal)
  } catch (error) {
    if (signal?.aborted !== true || error !== signal.reason) throw error
    throw new ConnectorError('CANCELLED', 'Reading a secret was cancelled.', {}, { cause: error })
  }
}
