import { serverText } from '../server-text.ts'

/** What a server says in the body of a refusal. */
export interface ServerWords {
  /** One line for a person: redacted, bounded, normalized. Undefined if the body holds none. */
  readonly message?: string | undefined
  /** The server's own code for it. */
  readonly code?: string | undefined
  /** The error of JSON-RPC that the body is, with its words as they came. */
  readonly rpc?: { readonly code: number; readonly message: string } | undefined
}

/** Characters of a server's words in a message. */
const MAX_WORDS = 300
/** Longer bodies are read no further for words. */
export const MAX_REFUSAL_BYTES = 65_536

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
  const said = sentenceIn(inner) ?? sentenceIn(found) ?? stringIn(error)
  return {
    message: said === undefined ? undefined : line(said, secrets),
    code: codeIn(code ?? (inner === undefined ? (found['code'] ?? error) : inner['type']), secrets),
    rpc,
  }
}

/** `: its words`, or a full stop. */
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

/** A page for a browser; or XML. */
export const isMarkup = (text: string): boolean => /^\s*</u.test(text)

function objectIn(value: unknown): Json | undefined {
  const [first] = Array.isArray(value) ? (value as readonly unknown[]) : [value]
  return typeof first === 'object' && first !== null ? (first as Json) : undefined
}

/** The members that hold a sentence, the most telling one first. */
const SENTENCES = ['message', 'error_description', 'detail', 'msg', 'description', 'title'] as const

function sentenceIn(value: Json | undefined): string | undefined {
  if (value === undefined) return undefined
  for (const name of SENTENCES) {
    const said = stringIn(value[name]) ?? stringIn(objectIn(value[name])?.['msg'])
    if (said !== undefined) return said
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
