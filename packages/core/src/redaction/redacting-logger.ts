import { silentLogger } from '../ports/logger.ts'
import type { LogFields, Logger } from '../ports/logger.ts'
import { isOrdinary } from './redact-text.ts'
import { redact, redactText } from './redact.ts'
import { isSensitiveName } from './sensitive-name.ts'

type Level = 'debug' | 'info' | 'warn' | 'error'

/** A longer string takes the way of the others. */
const MAX_ORDINARY_LENGTH = 100
/** Names are remembered, because the lines of all calls have the same ones. Bounded, because a caller may choose names. */
const MAX_KNOWN_NAMES = 500

/** Wraps a logger so that every line is redacted. */
export function redactingLogger(logger: Logger): Logger {
  if (logger === silentLogger) return logger
  const knownNames = new Map<string, boolean>()
  const isEnabled = (level: string) => logger.isLevelEnabled?.(level) !== false
  const clean = (level: Level) => (fields: LogFields, message: string) => {
    if (isEnabled(level)) logger[level](redactedLine(fields, knownNames), redactText(message))
  }
  return {
    debug: clean('debug'),
    info: clean('info'),
    warn: clean('warn'),
    error: clean('error'),
    isLevelEnabled: isEnabled,
  }
}

/** Returns a copy without secrets. The line of a call has none, which is cheap to see. */
function redactedLine(fields: LogFields, knownNames: Map<string, boolean>): LogFields {
  try {
    if (Object.getPrototypeOf(fields) === Object.prototype) {
      // Copied first, so that a getter is read once.
      const line = { ...fields }
      if (isOrdinaryLine(line, knownNames)) return line
    }
  } catch {
    // A getter has thrown: the full redaction shows the other fields.
  }
  return redact(fields) as LogFields
}

/** Returns whether a line has only numbers, booleans and ordinary strings, under ordinary names. */
function isOrdinaryLine(line: LogFields, knownNames: Map<string, boolean>): boolean {
  for (const name of Object.keys(line)) {
    if (!isOrdinaryName(name, knownNames)) return false
    const value = line[name]
    if (typeof value === 'string') {
      if (value.length > MAX_ORDINARY_LENGTH || !isOrdinary(value)) return false
    } else if (typeof value !== 'number' && typeof value !== 'boolean' && value !== undefined) {
      return false
    }
  }
  return true
}

function isOrdinaryName(name: string, knownNames: Map<string, boolean>): boolean {
  const known = knownNames.get(name)
  if (known !== undefined) return known
  // The fields of a labelled value and of a JSON Web Key depend on each other.
  const isAlone = name !== 'value' && name !== 'kty'
  const ordinary = isAlone && name.length <= MAX_ORDINARY_LENGTH && isOrdinary(name) && isSensitiveName(name) === false
  if (knownNames.size < MAX_KNOWN_NAMES) knownNames.set(name, ordinary)
  return ordinary
}
