import { canHoldSecret } from './can-hold-secret.ts'
import { knownSecretsReplacer } from './known-secrets.ts'
import { rules } from './text-rules.ts'
import type { Reader, Rule } from './text-rules.ts'

/** A name, an id or a number: one short word, in which no rule matches. Most strings in a log are like this. */
const tooShort = /^(?:[A-Za-z0-9]{0,19}|[A-Za-z0-9_-]{0,12}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})$/

/** Replaces a secret. */
export const REDACTED = '[redacted]'

/**
 * Replaces secrets in text: known ones, and whatever looks like one by its shape or its context. Ordinary sentences stay
 * unchanged. Takes time linear in the length of the text, whatever it contains.
 * @param text an error message, a URL, a body, a log line
 * @param secrets live values to remove in every spelling; values under four characters are ignored
 */
export function redactText(text: string, secrets: Iterable<string> = []): string {
  return textRedactor(secrets)(text)
}

/** Returns {@link redactText} for many texts, with the secrets prepared once. */
export function textRedactor(secrets: Iterable<string>): (text: string) => string {
  const withoutKnown = knownSecretsReplacer(secrets, REDACTED)
  return (text) => {
    const unknown = withoutKnown(text)
    return tooShort.test(unknown) || !canHoldSecret(unknown) ? unknown : applyRules(unknown, () => {})
  }
}

/**
 * Applies the rules alone.
 * @param spend receives the number of characters that each tail reads
 */
export function applyRules(text: string, spend: (characters: number) => void): string {
  return rules.reduce((rest, rule) => applyRule(rest, rule, spend), text)
}

function applyRule(text: string, { head, span }: Rule, spend: (characters: number) => void): string {
  const reader: Reader = {
    text,
    run(part, from) {
      part.lastIndex = from
      part.test(text)
      const to = Math.max(from, part.lastIndex)
      spend(to - from)
      return to
    },
    find(needle, from) {
      const at = text.indexOf(needle, from)
      const to = at < 0 ? text.length : at
      spend(to - from)
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
