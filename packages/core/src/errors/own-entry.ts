/**
 * Returns the entry of a table for a key that came from outside, or undefined if there is none: `constructor` and the
 * like are found on the prototype of every object.
 */
export const ownEntry = <Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined
