/** Everything between a value and the platform's own prototypes is looked at, no deeper than this. */
const DEEPEST = 12

/**
 * Every text that can be reached from a value without trying to break in: fields, hidden ones and symbols, getters,
 * what it looks like as text and as JSON. What `console.log` and an error reporter show is among it.
 */
export function reachableText(value: unknown): readonly string[] {
  const texts = new Set<string>()
  const seen = new Set<object>()
  const look = (part: unknown, depth: number): void => {
    if (typeof part === 'string') texts.add(part)
    else if (typeof part === 'symbol') texts.add(part.toString())
    if ((typeof part !== 'object' && typeof part !== 'function') || part === null) return
    if (seen.has(part) || depth > DEEPEST) return
    seen.add(part)
    for (const shown of [() => Reflect.apply(String, undefined, [part]) as unknown, () => JSON.stringify(part)]) {
      const text = attempt(shown)
      if (typeof text === 'string') texts.add(text)
    }
    if (part instanceof Map || part instanceof Set) for (const item of part) look(item, depth + 1)
    if (part instanceof Uint8Array) texts.add(new TextDecoder().decode(part))
    for (const [owner, name] of fieldsOf(part)) {
      look(name, depth + 1)
      // A getter of a prototype is asked on behalf of the value itself.
      look(
        attempt(() => Reflect.get(owner, name, part) as unknown),
        depth + 1,
      )
    }
  }
  look(value, 0)
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
