/** Patterns of names, in which `*` stands for any run of characters. */
export type NamePattern = string

/** `RegExp.escape` is younger than the oldest runtime supported. */
const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** Says whether a name fits one of the patterns; an empty list fits nothing. */
export function nameMatcher(patterns: readonly NamePattern[]): (name: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')))
  const open = patterns.filter((pattern) => pattern.includes('*'))
  if (open.length === 0) return (name) => exact.has(name)
  const expression = new RegExp(`^(?:${open.map((each) => each.split('*').map(literally).join('.*')).join('|')})$`, 's')
  return (name) => exact.has(name) || expression.test(name)
}
