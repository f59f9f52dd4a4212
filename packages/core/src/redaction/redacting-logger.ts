import { silentLogger } from '../ports/logger.ts'
import type { LogFields, Logger } from '../ports/logger.ts'
import { redact, redactText } from './redact.ts'

type Level = 'debug' | 'info' | 'warn' | 'error'

/** A logger through which no secret passes. */
export function redactingLogger(logger: Logger): Logger {
  if (logger === silentLogger) return logger
  const isHeard = (level: string) => logger.isLevelEnabled?.(level) !== false
  const clean = (level: Level) => (fields: LogFields, message: string) => {
    if (isHeard(level)) logger[level](redact(fields) as LogFields, redactText(message))
  }
  return {
    debug: clean('debug'),
    info: clean('info'),
    warn: clean('warn'),
    error: clean('error'),
    isLevelEnabled: isHeard,
  }
}
