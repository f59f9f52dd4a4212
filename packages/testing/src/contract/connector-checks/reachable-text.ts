/** The depth to which a value is read, up to the platform's own prototypes. */
const MAX_DEPTH = 12

/**
 * Collects every string that can be reached from a value: visible and hidden fields, symbols, getters, and
 * what it prints as string and as JSON. That includes what `console.log` and an error reporter show.
 */
export function reachableText(value: unknown): readonly string[] {
  const texts = new Set<string>()
  const seen = new Set<object>()
  const collect = (part: unknown, depth: number): void => {
    if (typeof part === 'string') texts.add(part)
    else if (typeof part === 'symbol') texts.add(part.toString())
    if ((typeof part !== 'object' && typeof part !== 'function') || part === null) return
    if (seen.has(part) || depth > MAX_DEPTH) return
    seen.add(part)
    for (const shown of [() => Reflect.apply(String, undefined, [part]) as unknown, () => JSON.stringify(part)]) {
      const text = attempt(shown)
      if (typeof text === 'string') texts.add(text)
    }
    if (part instanceof Map || part instanceof Set) for (const item of part) collect(item, depth + 1)
    if (part instanceof Uint8Array) texts.add(new TextDecoder().decode(part))
    for (const [owner, name] of fieldsOf(part)) {
      collect(name, depth + 1)
      // A getter of a prototype runs with the value itself as receiver.
      collect(
        attempt(() => Reflect.get(owner, name, part) as unknown),
        depth + 1,
      )
    }
  }
  collect(value, 0)
  return [...texts]
}

function* fieldsOf(value: object): Generator<readonly [owner: object, name: string | symbol]> {
  for (
    let owner: object | null = value;
    owner !== null && !isBuiltIn(owner);
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    for (const name of Reflect.ownKeys(owner)) if (name !== 'constructor') yield [owner, name]
  }
}

const builtIn = new Set<object>(
  [Object, Function, Array, Error, Map, Set, Promise, Date, Uint8Array].map(({ prototype }) => prototype as object),
)
const isBuiltIn = (owner: object): boolean => builtIn.has(owner)

function attempt(read: () => unknown): unknown {
  try {
    return read()
  } catch {
    return undefined
  }
}
