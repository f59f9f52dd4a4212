import { ConnectorError } from '../errors/connector-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { SecretReference, SecretSources } from './secret-source.ts'

export interface ReadSecretOptions {
  readonly sources: SecretSources
  readonly clock: Clock
  /** Timeout for one source. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads a secret from its source, within the timeout.
 * @throws ConnectorError the source's own; TIMEOUT; CANCELLED if `signal` aborts; CONFIGURATION_ERROR for an empty secret;
 *   API_INTERNAL_ERROR if the source fails in any other way
 */
export async function readSecret(reference: SecretReference, options: ReadSecretOptions): Promise<string> {
  const { sources, clock, timeoutMs, signal } = options
  const source = sources.sourceOf(reference)
  const { scheme, rest } = reference
  const secret = await inTime({ clock, timeoutMs, signal }, scheme, (signal) => source.read(rest, { signal }))
  if (typeof secret !== 'string') throw unfit(scheme, 'did not return a string')
  if (secret === '') {
    throw new ConnectorError('CONFIGURATION_ERROR', `${scheme}:${rest} is empty.`, { hint: 'Store the secret there.' })
  }
  return secret
}

/** Rejects on timeout or on the caller's signal, even if the source ignores both. */
async function inTime(
  { clock, timeoutMs, signal }: Pick<ReadSecretOptions, 'clock' | 'timeoutMs' | 'signal'>,
  scheme: string,
  read: (signal: AbortSignal) => Promise<unknown>,
): Promise<unknown> {
  const ending = new AbortController()
  const end = (error: ConnectorError): void => ending.abort(error)
  const onAbort = (): void =>
    end(new ConnectorError('CANCELLED', 'Reading secrets was cancelled.', {}, { cause: signal?.reason }))
  if (signal?.aborted) onAbort()
  signal?.addEventListener('abort', onAbort, { once: true })
  const cancelTimer = clock.schedule(timeoutMs, () =>
    end(
      new ConnectorError('TIMEOUT', `The source of ${scheme}: references did not respond within ${timeoutMs} ms.`, {
        hint: 'Check that this process can reach it, or increase timeoutMs.',
      }),
    ),
  )
  const ended = new Promise<never>((_, reject) => {
    const refuse = (): void => reject(ending.signal.reason as ConnectorError)
    if (ending.signal.aborted) refuse()
    else ending.signal.addEventListener('abort', refuse, { once: true })
  })
  // If the read wins, this rejection is never handled.
  ended.catch(() => {})
  try {
    ending.signal.throwIfAborted()
    return await Promise.race([read(ending.signal), ended])
  } catch (error) {
    if (ending.signal.aborted) throw ending.signal.reason
    throw ConnectorError.is(error) ? error : unfit(scheme, 'failed', error)
  } finally {
    cancelTimer()
    signal?.removeEventListener('abort', onAbort)
  }
}

/** Another error may contain anything, so it stays in the cause. */
const unfit = (scheme: string, problem: string, cause?: unknown): ConnectorError =>
  new ConnectorError(
    'API_INTERNAL_ERROR',
    `The source of ${scheme}: references ${problem}.`,
    { hint: "Report it to the source's author. causeOf(error) returns its error." },
    { cause },
  )
