const MAX_KEY = 512
/** The characters that `storeKey` never produces: databases fold them, sort them differently or truncate them. */
const unfitNames = ['é', 'e\u0301', '中', '🙂', '\ud83d', 'a\tb', 'a\nb', 'a\0b', '\u007f', '\ufeff']

/** Returns the values that cannot be a key, each with a description. */
export const unfitKeys = (key: (name: string) => string): readonly (readonly [string, string])[] => [
  ...unfitNames.map((name) => [`a key with ${JSON.stringify(name)} in it`, key(name)] as const),
  [`a key of ${MAX_KEY + 1} characters`, key('').padEnd(MAX_KEY + 1, 'k')],
  ['the empty key', ''],
]
