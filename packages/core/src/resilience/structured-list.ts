/** A bare item of a structured field. Byte sequences and dates stay strings, because no limit header has any. */
export type BareItem = string | number | boolean

export interface ListItem {
  readonly value: BareItem
  readonly parameters: ReadonlyMap<string, BareItem>
}

/** The bare items of RFC 9651: string, number and boolean in groups; byte sequence, date, display string, token. */
const BARE = new RegExp(
  `^(?:${[
    String.raw`"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"`,
    String.raw`(-?\d{1,15}(?![\d.])|-?\d{1,12}\.\d{1,3}(?![\d.]))`,
    String.raw`\?([01])`,
    String.raw`:[A-Za-z0-9+/=]*:`,
    String.raw`@-?\d{1,15}(?![\d.])`,
    String.raw`%"(?:[\x20\x21\x23\x24\x26-\x7e]|%[0-9a-f]{2})*"`,
    String.raw`[A-Za-z*][\x21\x23-\x27*+\-.^_\x60|~0-9A-Za-z:/]*`,
  ].join('|')})`,
)
const PARAMETER = /^; *([a-z*][a-z0-9_.*-]*)(=?)/
const COMMA = /^[ \t]*,[ \t]*/

/**
 * Parses a list of items (RFC 9651, section 4.2.1). Does not support inner lists, because no limit header has any.
 * @returns undefined if any part is malformed, as the RFC requires
 */
export function parseList(text: string): readonly ListItem[] | undefined {
  const items: ListItem[] = []
  let rest = text.trim()
  while (rest !== '') {
    if (items.length > 0) {
      const comma = COMMA.exec(rest)
      if (comma === null) return undefined
      rest = rest.slice(comma[0].length)
    }
    const item = readItem(rest)
    if (item === undefined) return undefined
    items.push(item)
    rest = item.rest
  }
  return items
}

function readItem(text: string): (ListItem & { readonly rest: string }) | undefined {
  const bare = readBare(text)
  if (bare === undefined) return undefined
  const parameters = new Map<string, BareItem>()
  let { rest } = bare
  for (let match = PARAMETER.exec(rest); match !== null; match = PARAMETER.exec(rest)) {
    const [whole, key = '', equals] = match
    rest = rest.slice(whole.length)
    const parameter = equals === '' ? { value: true, rest } : readBare(rest)
    if (parameter === undefined) return undefined
    parameters.set(key, parameter.value)
    rest = parameter.rest
  }
  return { value: bare.value, parameters, rest }
}

function readBare(text: string): { readonly value: BareItem; readonly rest: string } | undefined {
  const match = BARE.exec(text)
  if (match === null) return undefined
  const [whole, string, number, boolean] = match
  const rest = text.slice(whole.length)
  if (string !== undefined) return { value: string.replace(/\\(["\\])/g, '$1'), rest }
  if (number !== undefined) return { value: Number(number), rest }
  return { value: boolean === undefined ? whole : boolean === '1', rest }
}
