import { ConnectorError } from '../errors/connector-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { SecretReference, SecretSources } from './secret-reference.ts'

export interface ReadSecretOptions {
  readonly sources: SecretSources
  readonly clock: Clock
  /** Milliseconds for one source to answer. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * What the source of a reference answers, in time; anything that goes wrong as one error class.
 * @throws ConnectorError the source's own; TIMEOUT; CANCELLED if `signal` ends it; CONFIGURATION_ERROR for an empty
 *   secret; API_INTERNAL_ERROR for a source that fails in another way
 */
export async function readSecret(reference: SecretReference, options: ReadSecretOptions): Promise<string> {
  const { sources, clock, timeoutMs, signal } = options
  const source = sources.sourceOf(reference)
  const { scheme, rest } = reference
  const secret = await inTime({ clock, timeoutMs, signal }, scheme, (signal) => source.read(rest, { signal }))
  if (typeof secret !== 'string') throw unfit(scheme, 'did not answer text')
  if (secret === '') {
    throw new ConnectorError('CONFIGURATION_ERROR', `${scheme}:${rest} is empty.`, { hint: 'Store the secret there.' })
  }
  return secret
}

/** Ends with the time limit or the caller's signal, even if the source listens to neither. */
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
      new ConnectorError('TIMEOUT', `The source of ${scheme}: references did not answer within ${timeoutMs} ms.`, {
        hint: 'Check that it can be reached from here, or allow more time with timeoutMs.',
      }),
    ),
  )
  const ended = new Promise<never>((_, reject) => {
    const refuse = (): void => reject(ending.signal.reason as ConnectorError)
    if (ending.signal.aborted) refuse()
    else ending.signal.addEventListener('abort', refuse, { once: true })
  })
  // Where the read wins, nobody waits for the end.
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

/** What another error says may hold anything, so it stays in the process. */
const unfit = (scheme: string, problem: string, cause?: unknown): ConnectorError =>
  new ConnectorError(
    'API_INTERNAL_ERROR',
    `The source of ${scheme}: references ${problem}.`,
    { hint: 'Report it to the author of the source; causeOf(error) has what it said.' },
    { cause },
  )
