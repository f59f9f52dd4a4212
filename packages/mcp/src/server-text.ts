import { redactText } from '@mcpclient/core'
import { providerText } from '@mcpclient/core/define'

const DEFAULT_MAX_LENGTH = 2000

/**
 * Returns a server's own words for an error or a log: in one line, bounded, normalized and without secrets.
 * @param secrets live values that must not appear
 */
export const serverText = (text: string, secrets: readonly string[], maxLength = DEFAULT_MAX_LENGTH): string =>
  providerText(text, { maxLength, redact: (shown) => redactText(shown, secrets) })

/** Does the same, and keeps line breaks and indentation. */
export const serverLines = (text: string, secrets: readonly string[], maxLength = DEFAULT_MAX_LENGTH): string =>
  providerText(text, { maxLength, multiline: true, redact: (shown) => redactText(shown, secrets) })
