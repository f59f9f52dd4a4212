/**
 * Turns an ECDSA signature in DER into `r` and `s` side by side, as Web Crypto wants it. Returns undefined for anything
 * but the one strict encoding (X.690): short lengths, no spare zeros, positive integers, nothing behind them.
 * @param size bytes of each integer, at most 59: 32 for P-256
 */
export function derToRaw(der: Uint8Array, size: number): Uint8Array<ArrayBuffer> | undefined {
  // Two integers of at most 33 bytes each, so the sequence has a short length.
  if (der.length > 2 * size + 8 || der[0] !== 0x30 || der[1] !== der.length - 2) return undefined
  const raw = new Uint8Array(2 * size)
  let at = 2
  for (const end of [size, 2 * size]) {
    const length = der[at + 1] ?? 0
    const integer = der.subarray(at + 2, at + 2 + length)
    if (der[at] !== 0x02 || length === 0 || integer.length !== length) return undefined
    const [first = 0, second = 0] = integer
    const isNegative = first > 0x7f
    const isPadded = first === 0 && length > 1 && second <= 0x7f
    if (isNegative || isPadded) return undefined
    const value = first === 0 ? integer.subarray(1) : integer
    if (value.length > size) return undefined
    raw.set(value, end - value.length)
    at += 2 + length
  }
  return at === der.length ? raw : undefined
}
