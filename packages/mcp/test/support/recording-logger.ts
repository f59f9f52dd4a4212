import type { LogFields, Logger } from '@mcpclient/core'

export interface LogLine {
  readonly level: keyof Logger
  readonly fields: LogFields
  readonly message: string
}

/** Returns a logger that records its lines. */
export function recordingLogger(): Logger & { readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = []
  const at = (level: keyof Logger) => (fields: LogFields, message: string) => {
    lines.push({ level, fields, message })
  }
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
