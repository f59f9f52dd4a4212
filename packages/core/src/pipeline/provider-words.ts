/** The provider's own message and code of a failure, unchanged. */
export interface ProviderWords {
  readonly message?: string | undefined
  readonly code?: string | undefined
}

const MAX_DEPTH = 6
const MAX_RECORDS = 12
const MAX_FIELDS = 50
const MAX_MESSAGES = 3

/** Names are compared in lower case and without `_`, `-`: `errorMessage`, `error_message` and `ErrorMessage` are one. */
const MESSAGES = [
  'message',
  'errordescription',
  'errormessage',
  'detail',
  'faultstring',
  'msg',
  'description',
  'errorsummary',
  'title',
  'error',
  'errors',
]
const CODES = ['code', 'errorcode', 'error', 'reason', 'status', 'category', 'type']
/** Fields that may contain the message or the code one level deeper. */
const NESTED = ['error', 'errors', 'errormessages', 'fault', 'detail', 'details', 'meta']
/** Fields that contain the name of the field that a message is about. */
const SUBJECTS = ['field', 'param', 'parameter', 'property']

/** Returns whether a word carries no information: it only reports a failure, or is an HTTP status. */
const isEmptyWord = (word: string): boolean =>
  /^(?:error|errors|fail|failed|failure|about:blank|errorresponse|[1-5]\d\d)$/i.test(word)
const isCode = (text: string): boolean => /^[\w.:/-]{1,80}$/.test(text)

/**
 * Finds the message and the code in the body of a failure, in the shapes that most providers use. Accepts any body, in
 * bounded time.
 */
export function providerWords(body: unknown): ProviderWords {
  try {
    return wordsIn(body)
  } catch {
    // Only an exotic object throws on access.
    return {}
  }
}

function wordsIn(body: unknown): ProviderWords {
  if (typeof body === 'string') return isReadable(body) ? { message: body } : {}
  const records: Fields[] = []
  const messages: string[] = []
  gather(body, MAX_DEPTH, records, messages)
  for (const record of records) {
    const message = messageIn(record)
    if (message !== undefined) messages.push(message)
  }
  // A message that a longer one contains is redundant.
  const distinct = messages.filter(
    (text, index) =>
      messages.findIndex((other, at) => other.includes(text) && (other !== text || at <= index)) === index,
  )
  return { message: distinct.slice(0, MAX_MESSAGES).join('; ') || undefined, code: codeIn(records) }
}

type Fields = ReadonlyMap<string, unknown>

const isReadable = (text: string): boolean => !/^\s*</.test(text) && !/[^\P{Cc}\s]|\uFFFD/u.test(text.slice(0, 1000))

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

function gather(value: unknown, depth: number, records: Fields[], messages: string[]): void {
  if (depth === 0 || records.length >= MAX_RECORDS) return
  if (Array.isArray(value)) {
    for (const item of value.slice(0, MAX_MESSAGES) as unknown[]) {
      if (typeof item === 'string') messages.push(item)
      else gather(item, depth - 1, records, messages)
    }
    return
  }
  if (!isObject(value)) return
  const names = Object.keys(value).slice(0, MAX_FIELDS)
  const fields = new Map(names.map((name) => [name.toLowerCase().replaceAll(/[_-]/g, ''), field(value, name)] as const))
  records.push(fields)
  for (const name of NESTED) {
    const nested = fields.get(name)
    if (name === 'errors' && isObject(nested) && !Array.isArray(nested)) messages.push(...byField(nested))
    gather(nested, depth - 1, records, messages)
  }
}

/** Returns a message for each field of an object such as `{ title: ['is too long'] }`. */
function byField(errors: object): string[] {
  return Object.keys(errors)
    .slice(0, MAX_MESSAGES)
    .flatMap((name) => {
      const said = field(errors, name)
      const text: unknown = Array.isArray(said) ? said[0] : said
      return typeof text === 'string' && !MESSAGES.includes(name) ? [`${name}: ${text}`] : []
    })
}

const field = (value: object, name: string): unknown => (value as Readonly<Record<string, unknown>>)[name]

function messageIn(record: Fields): string | undefined {
  const given = (names: readonly string[], fits: (text: string, name: string) => boolean) => {
    const name = names.find((each) => {
      const value = record.get(each)
      return typeof value === 'string' && /\S/.test(value) && fits(value, each)
    })
    return name === undefined ? undefined : (record.get(name) as string)
  }
  const loc = record.get('loc')
  const subject = Array.isArray(loc)
    ? loc.filter((part) => typeof part !== 'object').join('.')
    : given(SUBJECTS, () => true)
  const message = given(MESSAGES, (text, name) => !name.startsWith('error') || name.length > 6 || !isCode(text))
  if (subject === undefined || subject === '') return message
  const text = message ?? given(['code'], isCode)
  return text === undefined || text.includes(subject) ? text : `${subject}: ${text}`
}

function codeIn(records: readonly Fields[]): string | undefined {
  for (const name of CODES) {
    for (const record of records) {
      const value = record.get(name)
      const word = typeof value === 'number' && value !== 0 ? String(value) : value
      if (typeof word === 'string' && isCode(word) && !isEmptyWord(word)) return word
    }
  }
  return undefined
}
