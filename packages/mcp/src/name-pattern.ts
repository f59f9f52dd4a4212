import { NameMatcher } from '@mcpclient/core'

/** Patterns of names, in which `*` stands for any run of characters. */
export type NamePattern = string

/** Returns a function that tells whether a name fits one of the patterns; an empty list fits nothing. */
export function nameMatcher(patterns: readonly NamePattern[]): (name: string) => boolean {
  const matcher = new NameMatcher(patterns)
  return (name) => matcher.matches(name)
}
