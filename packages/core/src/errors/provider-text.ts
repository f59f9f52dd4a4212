/** Maximum number of characters that are read; the rest is dropped first. */
const MAX_READ = 16_384
const DEFAULT_MAX_LENGTH = 200

/** Format characters (bidi marks, zero-width characters, tags), fillers, private use and lone surrogates. */
const invisible = /[\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}]/gu
/** Control characters, and every kind of space and line break. */
const spaces = /[\p{Cc}\s]+/gu
/** Line breaks of every kind but the plain one. */
const lineBreaks = /\r\n?|[\v\f\u0085\u2028\u2029]/gu
const controls = /(?![\n\t])\p{Cc}/gu

export interface ProviderTextOptions {
  /**
   * UTF-16 code units of the returned text.
   * @default 200
   */
  readonly maxLength?: number | undefined
  /** Removes secrets. It receives the normalized text before that is cut. */
  readonly redact?: ((text: string) => string) | undefined
  /**
   * Keeps line breaks and indentation, for text of several lines.
   * @default false
   */
  readonly multiline?: boolean | undefined
}

/**
 * Normalizes text that a provider sent, for messages, logs and models: removes invisible and bidi characters, replaces
 * control characters and line breaks with one space, and bounds the length.
 */
export function providerText(text: string, options: ProviderTextOptions = {}): string {
  const { maxLength = DEFAULT_MAX_LENGTH, redact, multiline = false } = options
  const shown = text.slice(0, MAX_READ).replace(invisible, '')
  const visible = (
    multiline ? shown.replace(lineBreaks, '\n').replace(controls, '') : shown.replace(spaces, ' ')
  ).trim()
  const clean = redact === undefined ? visible : redact(visible)
  if (clean.length <= maxLength) return clean
  const cut = clean.slice(0, maxLength - 1)
  // A cut between the halves of a surrogate pair would leave half a character.
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`
}
