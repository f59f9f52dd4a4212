import { silentLogger } from '../ports/logger.ts'
import type { LogFields, Logger } from '../ports/logger.ts'
import { redact, redactText } from './redact.ts'

type Level = 'debug' | 'info' | 'warn' | 'error'

/** Wraps a logger so that every line is redacted. */
export function redactingLogger(logger: Logger): Logger {
  if (logger === silentLogger) return logger
  const isEnabled = (level: string) => logger.isLevelEnabled?.(level) !== false
  const clean = (level: Level) => (fields: LogFields, message: string) => {
    if (isEnabled(level)) logger[level](redact(fields) as LogFields, redactText(message))
  }
  return {
    debug: clean('debug'),
    info: clean('info'),
    warn: clean('warn'),
    error: clean('error'),
    isLevelEnabled: isEnabled,
  }
}
