export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Removes the members that make `item` invalid. Returns undefined if a required one is among them. */
export function withValidMembers(
  item: JsonObject,
  needed: readonly string[],
  isValid: (item: unknown) => boolean,
): JsonObject | undefined {
  if (isValid(item)) return item
  const names = Object.keys(item)
  let valid = Object.fromEntries(names.filter((name) => needed.includes(name)).map((name) => [name, item[name]]))
  if (!isValid(valid)) return undefined
  for (const name of names.slice(0, MAX_MEMBERS)) {
    const candidate = { ...valid, [name]: item[name] }
    if (isValid(candidate)) valid = candidate
  }
  return valid
}

/** Far more than any definition of the protocol has. */
const MAX_MEMBERS = 50
