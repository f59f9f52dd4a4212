interface Person {
  readonly email?: string | undefined
  readonly name?: string | undefined
}

/** A quoted string, a comment, an address in angle brackets, a separator, or the text between them (RFC 5322 3.4). */
const TOKENS = /"((?:[^"\\]|\\.)*)"|\(((?:[^()\\]|\\.)*)\)|<([^<>]*)>|([,;])|[^"(<,;]+|./gsu

/**
 * Reads a header with addresses: `Bo Reed <bo@example.com>, ada@example.com`. A name of a group is left out, and so is what
 * has neither an address nor a name.
 */
export function addressesIn(header: string): Person[] {
  const people: Person[] = []
  let words: string[] = []
  let email: string | undefined
  const end = (): void => {
    const text = words.join(' ').replaceAll(/\s+/g, ' ').trim()
    words = []
    const isBare = email === undefined && /^[^\s@]+@[^\s@]+$/.test(text)
    const person = isBare ? { email: text } : { email, ...(text !== '' && { name: text }) }
    if (person.email !== undefined || 'name' in person) people.push(person)
    email = undefined
  }
  for (const [token, quoted, comment, address, separator] of header.matchAll(TOKENS)) {
    if (separator !== undefined) end()
    else if (address !== undefined) email = address.trim() || undefined
    else if (quoted !== undefined) words.push(quoted.replaceAll(/\\(.)/gs, '$1'))
    else if (comment === undefined) words.push(...withoutGroup(token))
  }
  end()
  return people
}

/** Returns a text without the name of a group, which ends with a colon. */
const withoutGroup = (text: string): readonly string[] => [text.slice(text.lastIndexOf(':') + 1).trim()].filter(Boolean)
