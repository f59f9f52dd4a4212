import { isSensitiveName } from './sensitive-name.ts'

export interface Span {
  readonly from: number
  readonly to: number
}

/**
 * A shape of secret: a head, which matches where one may begin, and a function that finds its span.
 *
 * A rule takes linear time, as a test proves: a head has no unbounded repetition, and a tail is read with {@link Reader},
 * forwards, over text that the same rule does not read again.
 */
export interface Rule {
  readonly head: RegExp
  readonly span: (reader: Reader, match: RegExpExecArray, headEnd: number) => Span | undefined
}

export interface Reader {
  readonly text: string
  /** Returns the end of the run of characters that `part` matches. `part` is sticky. */
  run(part: RegExp, from: number): number
  /** Returns the index of `needle`, or the end of the text. */
  find(needle: string, from: number): number
}

// What follows a head.
const wordPart = /[^\s,;"'<>\\)}\]]*/y
const tokenPart = /[A-Za-z0-9_-]*/y
const linePart = /[^\r\n]*/y
const headerPart = /[^\r\n"'\\]*/y
const formPart = /[^\s&"'<>;\\]*/y
const unescapedPart = /[^\s&"'<>;\\%]*/y
const bracketFreePart = /[^[\]{}]*/y
const jsonPart = /[^\s,}\]]*/y
const userinfoPart = /[^\s/?#"'<>\\]*/y
const pathPart = /[A-Za-z0-9/_-]*/y
const armourPart = /[-A-Z0-9 ]*/y

const OPAQUE_SAMPLE = 64
const MIN_OPAQUE_LENGTH = 7

/** Returns whether text is not an ordinary word: `hunter2` is opaque, `authentication` and `non-expiring` are not. */
function looksOpaque(text: string): boolean {
  if (text.length > OPAQUE_SAMPLE) return true
  // What was redacted before is judged by the rest.
  const word = text.replace('[redacted', '').replace(/^[([]{1,4}|[.,:;!?]{1,4}$/g, '')
  if (word.length < MIN_OPAQUE_LENGTH || /^https?:/i.test(word)) return false
  return !word.split(/[-_./’]/).every((part) => part.length <= 20 && plainWord.test(part))
}
const plainWord = /^(?:[A-Za-z]?[a-z]*(?:[A-Z][a-z]+)*|[A-Z]{1,14}|\d{1,6})$/

const sample = (reader: Reader, from: number, to: number): string =>
  reader.text.slice(from, Math.min(to, from + OPAQUE_SAMPLE + 1))

/** A name, its separator and the opening quote of the value, if any. */
const pair: Rule = {
  head: /(?<![A-Za-z0-9_.-])([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})(?:\]|%5D)?(\\{0,7}["'])?([ \t]{0,4}(?:=|:|%3D)[ \t]{0,4})(\\{0,7}["'])?/gi,
  span(reader, match, headEnd) {
    const { text } = reader
    const before = text.slice(Math.max(0, match.index - 1), match.index)
    const name = match[1] ?? ''
    const [, , closingQuote, separator = '', openingQuote] = match
    // In `%26code%3D1` and in `\ncode=1` the name is `code`.
    const bare = name.slice(before === '%' ? 2 : before === '\\' ? 1 : 0)
    const inQuery = before === '%' ? /^(?:26|3F|23)/i.test(name) : /[?&#]/.test(before)
    const sensitive = isSensitiveName(bare) || (inQuery && /^(?:code|sig|.{0,64}signature)$/i.test(bare))
    if (sensitive === false) return undefined

    const to = endOfValue()
    const value = text.slice(headEnd, Math.min(to, headEnd + OPAQUE_SAMPLE))
    const isHarmless =
      sensitive === 'amounts' ? /^(?:null|true|false|undefined|[\d.,]{1,20})$/ : /^(?:null|true|false|undefined)$/
    return isHarmless.test(value) ? undefined : { from: headEnd, to }

    function endOfValue(): number {
      if (openingQuote !== undefined) return endOfQuoted(reader, headEnd, openingQuote)
      if (closingQuote !== undefined) {
        return /[[{]/.test(text.charAt(headEnd)) ? endOfBrackets(reader, headEnd) : reader.run(jsonPart, headEnd)
      }
      if (separator === '=') return reader.run(formPart, headEnd)
      if (/^%3D$/i.test(separator)) return endOfEscaped(reader, headEnd)
      return endOfHeader(reader, headEnd, bare.toLowerCase())
    }
  },
}

/** Returns the end of a quoted value. A quote inside it has more backslashes than the one that opened it. */
function endOfQuoted(reader: Reader, from: number, openingQuote: string): number {
  const quote = openingQuote.slice(-1)
  for (let at = reader.find(quote, from); at < reader.text.length; at = reader.find(quote, at + 1)) {
    let start = at
    while (start > from && reader.text.charAt(start - 1) === '\\') start--
    if (at - start < openingQuote.length) return start
  }
  return reader.text.length
}

/** Returns the end of a list or an object, or of the text if it was cut. Brackets in its strings may move it back. */
function endOfBrackets(reader: Reader, from: number): number {
  let depth = 0
  for (let at = from; at < reader.text.length; at = reader.run(bracketFreePart, at + 1)) {
    depth += /[[{]/.test(reader.text.charAt(at)) ? 1 : -1
    if (depth === 0) return at + 1
  }
  return reader.text.length
}

/** Returns the end of a value in an escaped query: at `%26` or `%23`, an ampersand or a hash. */
function endOfEscaped(reader: Reader, from: number): number {
  let at = reader.run(unescapedPart, from)
  while (reader.text.charAt(at) === '%' && !/^%2[36]/.test(reader.text.slice(at, at + 3))) {
    at = reader.run(unescapedPart, at + 1)
  }
  return at
}

/** Returns the end of an unquoted value after `name: `, or its start if it is an ordinary sentence. */
function endOfHeader(reader: Reader, from: number, name: string): number {
  if (/(?:^|-)cookie$/.test(name)) {
    return /^[^\s=]{1,60}=/.test(sample(reader, from, reader.text.length)) ? reader.run(linePart, from) : from
  }
  const end = reader.run(wordPart, from)
  const first = sample(reader, from, end)
  if (!/(?:^|-)authorization$/.test(name)) return looksOpaque(first) ? end : from
  const second = sample(reader, end + 1, reader.run(wordPart, end + 1))
  const scheme = /^(?:Bearer|Basic|Digest|DPoP|Negotiate|OAuth|Token|ApiKey|Bot|AWS4-HMAC-SHA256)$/i.test(first)
  return scheme || looksOpaque(first) || looksOpaque(second) ? reader.run(headerPart, from) : from
}

const privateKey: Rule = {
  head: /-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY/g,
  span: (reader, match, headEnd) => ({
    from: match.index,
    to: reader.run(armourPart, reader.find('-----END', headEnd)),
  }),
}

/** `https://user:password@host` */
const userinfo: Rule = {
  head: /:(?:\/\/|\\\/\\\/)/g,
  span(reader, _match, headEnd) {
    const at = reader.text.slice(headEnd, reader.run(userinfoPart, headEnd)).lastIndexOf('@')
    return at < 0 ? undefined : { from: headEnd, to: headEnd + at }
  },
}

/** Webhook URLs, which grant write access to any caller that knows them. */
const hook: Rule = {
  head: /hooks\.slack\.com\/(?:services|workflows|triggers)\/|discord(?:app)?\.com\/api\/webhooks\//gi,
  span: (reader, _match, headEnd) => ({ from: headEnd, to: reader.run(pathPart, headEnd) }),
}

/** The start of a token: not inside a word, but possibly after an escape of a URL or JSON. */
const start = '(?:(?<![A-Za-z0-9_-])|(?<=%[0-9A-Fa-f]{2})|(?<=\\\\[nrt]))'

const scheme: Rule = {
  head: new RegExp(`${start}(?:Bearer|Basic|DPoP|Negotiate)(?:[ \\t]{1,4}|%20|\\+)`, 'gi'),
  span(reader, _match, headEnd) {
    const to = reader.run(wordPart, headEnd)
    return looksOpaque(sample(reader, headEnd, to)) ? { from: headEnd, to } : undefined
  },
}

/** Credentials with a prefix of their provider. */
const prefixed: Rule = {
  head: new RegExp(
    `${start}(?:${[
      'xox[a-z]-|xapp-|xwfp-', // Slack
      'gh[opusr]_|github_pat_|glpat-', // GitHub, GitLab
      '(?:AKIA|ASIA)(?=[A-Z0-9]{16})', // AWS
      'ya29\\.|1//0|AIza(?=[A-Za-z0-9_-]{20})|GOCSPX-', // Google
      'sk-|sk_(?:live|test)_|rk_(?:live|test)_|whsec_', // OpenAI, Anthropic, Stripe
      'SG\\.|pat-[a-z]{2}[0-9]-|ntn_|secret_|EAA(?=[A-Za-z0-9]{20})', // SendGrid, HubSpot, Notion, Meta
      'AT[AC]TT3|shp(?:at|ss|ca|pa)_|lin_api_|npm_|hf_', // Atlassian, Shopify, Linear, npm, Hugging Face
    ].join('|')})`,
    'g',
  ),
  span(reader, match, headEnd) {
    const to = reader.run(tokenPart, headEnd)
    const isLong = to - headEnd >= 10
    return isLong && looksOpaque(sample(reader, headEnd, to))
      ? { from: match.index, to: endOfParts(reader, to) }
      : undefined
  },
}

/** A signed or encrypted JSON Web Token: two to five parts, of which the first is a JSON object. */
const jsonWebToken: Rule = {
  head: new RegExp(`${start}eyJ`, 'g'),
  span(reader, match, headEnd) {
    const firstEnd = reader.run(tokenPart, headEnd)
    if (firstEnd - headEnd < 7 || reader.text.charAt(firstEnd) !== '.') return undefined
    // The second part is empty if the key was agreed beforehand.
    const second = reader.text.charAt(firstEnd + 1) === '.' ? firstEnd + 2 : firstEnd + 1
    const secondEnd = reader.run(tokenPart, second)
    return secondEnd - second < 2 ? undefined : { from: match.index, to: endOfParts(reader, secondEnd) }
  },
}

/** Returns the end of all parts that are joined by dots. A full stop joins none. */
function endOfParts(reader: Reader, from: number): number {
  let end = from
  while (reader.text.charAt(end) === '.') {
    const next = reader.run(tokenPart, end + 1)
    if (next === end + 1) return end
    end = next
  }
  return end
}

export const rules: readonly Rule[] = [privateKey, userinfo, hook, pair, scheme, jsonWebToken, prefixed]
