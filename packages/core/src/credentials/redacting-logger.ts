import type { LogFields, Logger } from '../ports/logger.ts'
import { redact, redactText } from './redact.ts'

/** A logger through which no secret passes. */
export function redactingLogger(logger: Logger): Logger {
  const clean = (level: keyof Logger) => (fields: LogFields, message: string) => {
    logger[level](redact(fields) as LogFields, redactText(message))
  }
  return { debug: clean('debug'), info: clean('info'), warn: clean('warn'), error: clean('error') }
}
