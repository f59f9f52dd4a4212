import { redactText } from '@mcpclient/core'

/** Characters of a server's own words in one error or log line. */
const MAX_LENGTH = 2000

/**
 * Returns a server's own words fit for an error or a log: bounded, normalized and without secrets.
 * @param secrets live values that must not appear
 */
export function serverText(text: string, secrets: readonly string[], maxLength: number = MAX_LENGTH): string {
  // Cut well beyond the limit, so that no half of a secret stays, and before the work, because a server may send a lot.
  const clean = redactText(normalized(text.slice(0, maxLength * 4)), secrets).trim()
  return clean.length > maxLength ? `${withoutHalves(clean.slice(0, maxLength))}…` : clean
}

/** The same in one line, for a message. */
export const serverLine = (text: string, secrets: readonly string[], maxLength?: number): string =>
  serverText(text.slice(0, (maxLength ?? MAX_LENGTH) * 4).replaceAll(/\s+/gu, ' '), secrets, maxLength)

/** Removes what a terminal or a model reads and a person does not see: it could also split a secret in two. */
const normalized = (text: string): string =>
  withoutHalves(text.replaceAll(/\r\n?/gu, '\n').replaceAll(/(?![\n\t])\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/gu, ''))

/** Lone surrogates, as a cut in the middle of a character leaves them. */
const withoutHalves = (text: string): string => text.replaceAll(/\p{Surrogate}/gu, '')
