import { canHoldSecret } from './can-hold-secret.ts'
import { knownSecretsReplacer } from './known-secrets.ts'
import { rules } from './text-rules.ts'
import type { Reader, Rule } from './text-rules.ts'

/** Matches one short word in which no rule can match. */
const shortWord = /^(?:[A-Za-z0-9]{0,19}|[A-Za-z0-9_-]{0,12}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})$/

/** Returns whether a text is like most strings in a log: a name, an id or a number, in which no rule can match. */
export const isShortWord = (text: string): boolean => shortWord.test(text)

/** Returns whether no rule can match a text. */
export const isOrdinary = (text: string): boolean => isShortWord(text) || !canHoldSecret(text)

/** Replaces a secret. */
export const REDACTED = '[redacted]'

/**
 * Replaces secrets in text: the given ones, and strings that look like a secret by their shape or context. Ordinary
 * sentences stay unchanged. Takes time linear in the length of the text.
 * @param text an error message, a URL, a body, a log line
 * @param secrets known secrets, removed in every spelling; secrets under four characters are ignored
 */
export function redactText(text: string, secrets?: Iterable<string>): string {
  return secrets === undefined ? withoutUnknown(text) : textRedactor(secrets)(text)
}

/** Returns {@link redactText} for many texts, with the secrets prepared once. */
export function textRedactor(secrets: Iterable<string>): (text: string) => string {
  const withoutKnown = knownSecretsReplacer(secrets, REDACTED)
  return (text) => withoutUnknown(withoutKnown(text))
}

const withoutUnknown = (text: string): string => (isOrdinary(text) ? text : applyRules(text, () => {}))

/**
 * Applies the rules alone.
 * @param onRead called with the number of characters that each tail reads
 */
export function applyRules(text: string, onRead: (characters: number) => void): string {
  return rules.reduce((rest, rule) => applyRule(rest, rule, onRead), text)
}

function applyRule(text: string, { head, span }: Rule, onRead: (characters: number) => void): string {
  const reader: Reader = {
    text,
    run(part, from) {
      part.lastIndex = from
      part.test(text)
      const to = Math.max(from, part.lastIndex)
      onRead(to - from)
      return to
    },
    find(needle, from) {
      const at = text.indexOf(needle, from)
      const to = at < 0 ? text.length : at
      onRead(to - from)
      return to
    },
  }
  let out = ''
  let done = 0
  head.lastIndex = 0
  for (let match = head.exec(text); match !== null; match = head.exec(text)) {
    const found = span(reader, match, head.lastIndex)
    if (found === undefined || found.from === found.to) continue
    out += text.slice(done, found.from) + REDACTED
    done = found.to
    head.lastIndex = done
  }
  return out + text.slice(done)
}
