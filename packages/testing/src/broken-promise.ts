/** Thrown by a check when a store, a transport or a connector breaks a promise. The message names the promise. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise'
}

/**
 * Asserts a promise of a port.
 * @param promise the promise, as a sentence
 * @throws BrokenPromise with that sentence
 */
export function must(holds: boolean, promise: string): asserts holds {
  if (!holds) throw new BrokenPromise(promise)
}

/** Asserts that two values have the same JSON form; the error shows both. */
export function mustBe(actual: unknown, expected: unknown, promise: string): void {
  const [got, wanted] = [shown(actual), shown(expected)]
  must(got === wanted, `${promise} Expected ${excerpt(wanted, got)}, got ${excerpt(got, wanted)}.`)
}

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value))

/** Describes where a long string begins to differ from the expected one. */
function excerpt(text: string, other: string): string {
  if (text.length <= 300) return text
  let same = 0
  while (same < text.length && text[same] === other[same]) same++
  const from = Math.max(0, same - 20)
  return `…${text.slice(from, from + 60)}… (${text.length} characters)`
}
