import { providerText, redactText } from '@mcpclient/core'

/** The text from the body of a refused request. */
export interface ServerWords {
  /** One line for the user: redacted, bounded, normalized. Undefined if the body holds none. */
  readonly message?: string | undefined
  /** The server's own error code. */
  readonly code?: string | undefined
  /** The JSON-RPC error in the body, unchanged. */
  readonly rpc?: { readonly code: number; readonly message: string } | undefined
}

const DEFAULT_MAX_LENGTH = 2000
/** Characters of a server's words in the message of a refusal. */
const MAX_WORDS = 300
/** Bytes of a refusal that are read. */
export const MAX_REFUSAL_BYTES = 65_536

/**
 * Returns a server's own words for an error or a log: in one line, bounded, normalized and without secrets.
 * @param secrets live values that must not appear
 */
export const serverText = (text: string, secrets: readonly string[], maxLength = DEFAULT_MAX_LENGTH): string =>
  providerText(text, { maxLength, redact: (shown) => redactText(shown, secrets) })

/** Does what `serverText` does, and keeps line breaks and indentation. */
export const serverLines = (text: string, secrets: readonly string[], maxLength = DEFAULT_MAX_LENGTH): string =>
  providerText(text, { maxLength, multiline: true, redact: (shown) => redactText(shown, secrets) })

type Json = Readonly<Record<string, unknown>>

/** Reads the body of a refusal in the usual shapes: JSON-RPC, OAuth, problem details, `message`, plain text. */
export function wordsIn(text: string, secrets: readonly string[]): ServerWords {
  const body = parsed(text)
  if (body === undefined) return isMarkup(text) ? {} : { message: line(text, secrets) }
  if (typeof body === 'string') return { message: line(body, secrets) }
  const found = objectIn(body)
  if (found === undefined) return {}
  const { error } = found
  const inner = objectIn(error)
  const { code, message } = inner ?? {}
  const rpc = typeof code === 'number' && typeof message === 'string' ? { code, message } : undefined
  const sentence = sentenceIn(inner) ?? sentenceIn(found) ?? stringIn(error)
  return {
    message: sentence === undefined ? undefined : line(sentence, secrets),
    code: codeIn(code ?? (inner === undefined ? (found['code'] ?? error) : inner['type']), secrets),
    rpc,
  }
}

/** Appends the server's words after a colon, or only a full stop if there are none. */
export const withWords = (sentence: string, { message }: ServerWords): string =>
  message === undefined ? `${sentence}.` : `${sentence}: ${message.replace(/\.$/u, '')}.`

const line = (text: string, secrets: readonly string[]): string | undefined =>
  serverText(text, secrets, MAX_WORDS) || undefined

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Returns whether a body is HTML or XML. */
export const isMarkup = (text: string): boolean => /^\s*</u.test(text)

function objectIn(value: unknown): Json | undefined {
  const [first] = Array.isArray(value) ? (value as readonly unknown[]) : [value]
  return typeof first === 'object' && first !== null ? (first as Json) : undefined
}

/** The members that may hold a sentence, the most specific first. */
const SENTENCES = ['message', 'error_description', 'detail', 'msg', 'description', 'title'] as const

function sentenceIn(value: Json | undefined): string | undefined {
  if (value === undefined) return undefined
  for (const name of SENTENCES) {
    const sentence = stringIn(value[name]) ?? stringIn(objectIn(value[name])?.['msg'])
    if (sentence !== undefined) return sentence
  }
  return stringIn(objectIn(value['errors'])?.['message'])
}

const stringIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined

function codeIn(value: unknown, secrets: readonly string[]): string | undefined {
  if (typeof value === 'number') return String(value)
  const isCode = typeof value === 'string' && /^[\w.:-]{1,64}$/u.test(value)
  return isCode && serverText(value, secrets) === value ? value : undefined
}
