import { redactText } from '@mcpclient/core'

/** Characters of a server's own words that an error or a log line may hold. */
const LONGEST = 2000

/**
 * A server's own words, fit for an error or a log: bounded, on one paragraph, and without secrets.
 * @param secrets live values that must not appear
 */
export function serverText(text: string, secrets: readonly string[], longest: number = LONGEST): string {
  // Cut well beyond what stays, so that no half of a secret can stay; and before the work, since a server may send a lot.
  const clean = redactText(text.slice(0, longest * 4), secrets).trim()
  return clean.length > longest ? `${clean.slice(0, longest)}…` : clean
}
