/**
 * Receives the log lines of the library, already redacted. Fields come first, then the message, so that pino and
 * `console` fit without an adapter.
 */
export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  /**
   * Returns whether a level is enabled, as pino does. Lines of a disabled level are not even redacted.
   * @default every level is enabled
   */
  isLevelEnabled?(level: string): boolean
}

export type LogFields = Readonly<Record<string, unknown>>

/** Discards every line. The default. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {}, isLevelEnabled: () => false }
