/** Text beyond this is dropped before any other work. */
const MAX_READ = 16_384
const DEFAULT_MAX_LENGTH = 200

/** Format characters (bidi marks, zero-width characters, tags), fillers, private use and lone surrogates. */
const invisible = /[\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}]/gu
/** Control characters, and every kind of space and line break. */
const spaces = /[\p{Cc}\s]+/gu

/**
 * Normalizes text that a provider sent, for messages, logs and models: invisible and bidi characters are removed, control
 * characters and line breaks become one space, and the length is bounded.
 * @param options.redact removes secrets; it sees the normalized text before it is cut
 * @param options.maxLength in UTF-16 code units
 * @default 200
 */
export function providerText(
  text: string,
  options: { readonly maxLength?: number; readonly redact?: (text: string) => string } = {},
): string {
  const { maxLength = DEFAULT_MAX_LENGTH, redact } = options
  const visible = text.slice(0, MAX_READ).replace(invisible, '').replace(spaces, ' ').trim()
  const clean = redact === undefined ? visible : redact(visible)
  if (clean.length <= maxLength) return clean
  const cut = clean.slice(0, maxLength - 1)
  // A cut between the halves of a surrogate pair would leave half a character.
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`
}
