import { ConnectorError } from '@mcpclient/core'
import { excerpt } from './json-form.ts'

/** The outcome of a call. */
export type Ending =
  | { readonly succeeded: true; readonly value: unknown; readonly error?: undefined }
  | { readonly succeeded: false; readonly value?: undefined; readonly error: unknown }

export const endingOf = (promise: Promise<unknown>): Promise<Ending> =>
  promise.then(
    (value) => ({ succeeded: true, value }),
    (error: unknown) => ({ succeeded: false, error }),
  )

/** Turns of the microtask queue: more than any chain of promises in a call has. */
const MICROTASKS = 1000

/**
 * Returns the value of a promise that cannot reject if it settles before anything else in the event loop: no timer, no
 * input, no message.
 */
export async function now<Value>(promise: Promise<Value>): Promise<Value | undefined> {
  let found: Value | undefined
  void promise.then((value) => {
    found = value
  })
  for (let turn = 0; turn < MICROTASKS && found === undefined; turn++) await Promise.resolve()
  return found
}

/** Returns the `ConnectorError` of a failed call, or undefined for another error. */
export const failureIn = (ending: Ending | undefined): ConnectorError | undefined =>
  ending !== undefined && ConnectorError.is(ending.error) ? ending.error : undefined

/** For a sentence: what came instead. */
export function described(ending: Ending | undefined): string {
  if (ending === undefined) return 'it was still waiting'
  if (ending.succeeded) return `it returned ${excerpt(ending.value)}`
  const { error } = ending
  if (!ConnectorError.is(error))
    return `it threw ${error instanceof Error ? `${error.name}: ${error.message}` : typeof error}`
  const { outcome, retryAfterMs } = error.details
  const more = [
    ...(outcome === undefined ? [] : [`outcome ${outcome}`]),
    ...(retryAfterMs === undefined ? [] : [`retryAfterMs ${retryAfterMs}`]),
  ]
  return `it failed with ${error.code}${more.length > 0 ? ` (${more.join(', ')})` : ''}: ${error.message}`
}
