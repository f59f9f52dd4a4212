const LONGEST_KEY = 512
/** What `storeKey` never makes: databases fold it, sort it each in their own way, or cut it off. */
const unfitNames = ['é', 'e\u0301', '中', '🙂', '\ud83d', 'a\tb', 'a\nb', 'a\0b', '\u007f', '\ufeff']

/** What cannot be a key, with words for it. */
export const unfitKeys = (key: (name: string) => string): readonly (readonly [string, string])[] => [
  ...unfitNames.map((name) => [`a key with ${JSON.stringify(name)} in it`, key(name)] as const),
  [`a key of ${LONGEST_KEY + 1} characters`, key('').padEnd(LONGEST_KEY + 1, 'k')],
  ['the empty key', ''],
]
