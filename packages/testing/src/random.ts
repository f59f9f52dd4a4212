/**
 * Returns a generator of reproducible random numbers: uniform in [0, 1), like `Math.random`.
 *
 * The generator is sfc32 of Chris Doty-Humphrey's PractRand. It is not cryptographic: use it in tests only.
 * @param seed a whole number or any text
 */
export function seededRandom(seed: number | string): () => number {
  const mix = mixer(String(seed))
  let a = mix()
  let b = mix()
  let c = mix()
  let counter = 1
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }
  // The first numbers still reflect the similarity of two seeds.
  for (let warmUp = 0; warmUp < 12; warmUp++) next()
  return next
}

/** Hashes the string to 32 bits (FNV-1a), then derives the requested number of words from it. */
function mixer(text: string): () => number {
  let state = 0x811c9dc5
  for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193)
  return () => {
    state = (state + 0x9e3779b9) | 0
    const high = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    const low = Math.imul(high ^ (high >>> 13), 0xc2b2ae35)
    return low ^ (low >>> 16)
  }
}
