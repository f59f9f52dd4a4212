import { silentLogger } from '../ports/logger.ts'
import type { LogFields, Logger } from '../ports/logger.ts'
import { isOrdinary, isShortWord } from './redact-text.ts'
import { redact, redactText } from './redact.ts'
import { isSensitiveName } from './sensitive-name.ts'

type Level = 'debug' | 'info' | 'warn' | 'error'

/** Maximum length of a text that is remembered. A longer one is redacted in full. */
const MAX_KNOWN_LENGTH = 200
/** Maximum number of remembered texts, because callers choose some of them. */
const MAX_KNOWN = 500
/** Deeper values are redacted in full. */
const MAX_DEPTH = 3

/** Wraps a logger so that every line is redacted. */
export function redactingLogger(logger: Logger): Logger {
  if (logger === silentLogger) return logger
  const copyOf = copier()
  const isKnownMessage = remembering((message) => redactText(message) === message)
  const isEnabled = (level: string) => logger.isLevelEnabled?.(level) !== false
  const clean = (level: Level) => (fields: LogFields, message: string) => {
    if (!isEnabled(level)) return
    logger[level](redactedLine(fields, copyOf), isKnownMessage(message) ? message : redactText(message))
  }
  return {
    debug: clean('debug'),
    info: clean('info'),
    warn: clean('warn'),
    error: clean('error'),
    isLevelEnabled: isEnabled,
  }
}

type Copier = (line: object, depth: number) => LogFields | undefined

/** Returns a copy without secrets. The line of a call has none, which is cheap to see. */
function redactedLine(fields: LogFields, copyOf: Copier): LogFields {
  try {
    const copy = copyOf(fields, 1)
    if (copy !== undefined) return copy
  } catch {
    // A getter has thrown: the full redaction shows the other fields.
  }
  return redact(fields) as LogFields
}

/** Creates a function that copies a line, or returns undefined if the line needs the full redaction. */
function copier(): Copier {
  const isCleanName = remembering((name) => isOrdinaryName(name))
  const isKnownText = remembering((text) => redactText(text) === text)
  // Each call has another request id, which would only fill the cache.
  const isCleanText = (text: string): boolean => isShortWord(text) || isKnownText(text)
  const copyOf: Copier = (line, depth) => {
    if (depth > MAX_DEPTH || Object.getPrototypeOf(line) !== Object.prototype) return undefined
    const copy: Record<string, unknown> = {}
    for (const name of Object.keys(line)) {
      const value = (line as LogFields)[name]
      if (!isCleanName(name)) return undefined
      // A console would print it.
      if (value === undefined) continue
      copy[name] = value
      if (typeof value === 'string') {
        if (!isCleanText(value)) return undefined
      } else if (typeof value === 'object' && value !== null) {
        const nested = copyOf(value, depth + 1)
        if (nested === undefined) return undefined
        copy[name] = nested
      } else if (typeof value !== 'number' && typeof value !== 'boolean') {
        return undefined
      }
    }
    return copy
  }
  return copyOf
}

/** Caches which texts pass a check, because the lines of all calls have the same ones. Never stores one that fails. */
function remembering(passes: (text: string) => boolean): (text: string) => boolean {
  const known = new Set<string>()
  return (text) => {
    if (known.has(text)) return true
    if (text.length > MAX_KNOWN_LENGTH || !passes(text)) return false
    if (known.size >= MAX_KNOWN) known.clear()
    known.add(text)
    return true
  }
}

/** Returns whether the value of a name is ordinary, whatever the other fields are. */
const isOrdinaryName = (name: string): boolean =>
  // The fields of a labelled value and of a JSON Web Key depend on each other.
  name !== 'value' && name !== 'kty' && isOrdinary(name) && isSensitiveName(name) === false
