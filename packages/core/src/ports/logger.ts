/**
 * Where the library says what it does. Fields first, then the sentence: pino fits as it is, and so does `console`.
 * Whatever passes here has been redacted.
 */
export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  /** Whether anybody hears this level, as pino answers it; absent: yes. What nobody hears is not even redacted. */
  isLevelEnabled?(level: string): boolean
}

export type LogFields = Readonly<Record<string, unknown>>

/** Says nothing: the default. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {}, isLevelEnabled: () => false }
