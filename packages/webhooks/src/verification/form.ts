export type Field = readonly [name: string, value: string]

/**
 * Parses `application/x-www-form-urlencoded` in the one spelling that senders use: `+` for a space, escapes in upper case,
 * UTF-8. Returns undefined for anything else, so few bodies have the same fields.
 */
export function readForm(bytes: Uint8Array): readonly Field[] | undefined {
  const fields: Field[] = []
  if (bytes.length === 0) return fields
  const text = utf8Text(bytes)
  for (const pair of text?.split('&') ?? [undefined]) {
    const at = pair?.indexOf('=') ?? -1
    const name = pair === undefined ? undefined : unescaped(at < 0 ? pair : pair.slice(0, at))
    const value = pair === undefined || at < 0 ? undefined : unescaped(pair.slice(at + 1))
    if (name === undefined || value === undefined) return undefined
    fields.push([name, value])
  }
  return fields
}

function unescaped(text: string): string | undefined {
  if (/%(?![\dA-F]{2})|[^!-~]|[=&]/.test(text)) return undefined
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    // The escapes are not UTF-8.
    return undefined
  }
}

/** Decodes bytes that are UTF-8, byte order mark included; undefined for others. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
