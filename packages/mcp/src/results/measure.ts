/** Returns the length of `text` in bytes of UTF-8, without encoding it. */
export function textBytes(text: string): number {
  let bytes = text.length
  for (let at = 0; at < text.length; at++) bytes += extraBytes(text.charCodeAt(at))
  return bytes
}

/** Bytes beyond the first. Each half of a surrogate pair counts as two of the pair's four bytes. */
const extraBytes = (code: number): number =>
  code < 0x80 ? 0 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 1 : 2

/** Returns the beginning of `text` that fits into `bytes`, without half a surrogate pair at its end. */
export function textWithin(text: string, bytes: number): string {
  let left = bytes
  let end = 0
  for (; end < text.length; end++) {
    left -= 1 + extraBytes(text.charCodeAt(end))
    if (left < 0) break
  }
  const last = text.charCodeAt(end - 1)
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? end - 1 : end)
}

/**
 * Returns the approximate length of `value` as JSON, without serializing it. Stops counting beyond `enough`, and accepts any
 * depth, which the server chooses.
 */
export function jsonBytes(value: unknown, enough: number): number {
  let bytes = 0
  const left: unknown[] = [value]
  while (left.length > 0 && bytes <= enough) {
    const item = left.pop()
    if (typeof item === 'string') bytes += textBytes(item) + 3
    else if (typeof item !== 'object' || item === null) bytes += 5
    else if (Array.isArray(item)) {
      bytes += 2
      for (const each of item as unknown[]) left.push(each)
    } else {
      bytes += 2
      for (const [name, field] of Object.entries(item)) {
        bytes += name.length + 3
        left.push(field)
      }
    }
  }
  return bytes
}
