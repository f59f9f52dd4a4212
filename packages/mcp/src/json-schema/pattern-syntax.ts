/** A node of a regular expression that a linear-time engine can run: no lookaround, no back reference. */
export type PatternNode =
  | { readonly type: 'one'; readonly matches: (unit: string) => boolean }
  | { readonly type: 'assert'; readonly kind: Assertion }
  | { readonly type: 'sequence' | 'choice'; readonly nodes: readonly PatternNode[] }
  | { readonly type: 'repeat'; readonly node: PatternNode; readonly min: number; readonly max: number }

export type Assertion = 'start' | 'end' | 'boundary' | 'no boundary'

export interface ParsedPattern {
  readonly node: PatternNode
  /** Whether one unit is a code point (the flag `u`), or a UTF-16 code unit. */
  readonly unicode: boolean
}

const MAX_LENGTH = 4096
const MAX_NESTING = 50

class Unsupported extends Error {}

/** Parses a regular expression, or returns undefined if it is invalid or cannot run in linear time. */
export function parsePattern(source: string): ParsedPattern | undefined {
  if (source.length > MAX_LENGTH) return undefined
  // Compiling is linear; only running a pattern can be exponential. Many schemas use escapes that `u` does not allow.
  const flags = ['u', ''].find((each) => isValid(source, each))
  if (flags === undefined) return undefined
  try {
    return { node: new Parser(source, flags).parse(), unicode: flags === 'u' }
  } catch (error) {
    if (error instanceof Unsupported) return undefined
    throw error
  }
}

function isValid(source: string, flags: string): boolean {
  try {
    return new RegExp(source, flags) instanceof RegExp
  } catch {
    return false
  }
}

const quantifier = /(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})\??/y
const escape =
  /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|[pP]\{[^}]*\}|[^])/uy
const charClass = /\[(?:\\[^]|[^\]\\])*\]/uy

/** A recursive descent parser for patterns that the platform has accepted. */
class Parser {
  readonly #source: string
  readonly #flags: string
  #at = 0
  #nesting = 0

  constructor(source: string, flags: string) {
    this.#source = source
    this.#flags = flags
  }

  parse(): PatternNode {
    const node = this.#choice()
    if (this.#at < this.#source.length) throw new Unsupported()
    return node
  }

  #choice(): PatternNode {
    const nodes = [this.#sequence()]
    while (this.#source[this.#at] === '|') {
      this.#at += 1
      nodes.push(this.#sequence())
    }
    return { type: 'choice', nodes }
  }

  #sequence(): PatternNode {
    const nodes: PatternNode[] = []
    for (;;) {
      const next = this.#source[this.#at]
      if (next === undefined || next === '|' || next === ')') return { type: 'sequence', nodes }
      nodes.push(this.#repeated(this.#atom(next)))
    }
  }

  #repeated(node: PatternNode): PatternNode {
    const found = this.#take(quantifier)
    if (found === undefined) return node
    const [sign, from, comma, to] = found
    if (from === undefined) {
      const max = sign.startsWith('?') ? 1 : Number.POSITIVE_INFINITY
      return { type: 'repeat', node, min: sign.startsWith('+') ? 1 : 0, max }
    }
    const min = Number(from)
    const max = comma === undefined ? min : to === '' ? Number.POSITIVE_INFINITY : Number(to)
    return { type: 'repeat', node, min, max }
  }

  #atom(first: string): PatternNode {
    if (first === '(') return this.#group()
    if (first === '^') return this.#assertion('start', 1)
    if (first === '$') return this.#assertion('end', 1)
    if (first === '[') return this.#unit(this.#take(charClass)?.[0])
    if (first === '\\') return this.#escaped(this.#source[this.#at + 1])
    if (first === '.') {
      this.#at += 1
      return this.#unit('.')
    }
    const literal = this.#flags === 'u' ? String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0) : first
    this.#at += literal.length
    return { type: 'one', matches: (unit) => unit === literal }
  }

  #group(): PatternNode {
    const open = this.#take(/\((?:\?:|\?<[^=!>][^>]*>|(?!\?))/y)
    // Lookaround and inline modifiers.
    if (open === undefined || ++this.#nesting > MAX_NESTING) throw new Unsupported()
    const node = this.#choice()
    this.#at += 1
    this.#nesting -= 1
    return node
  }

  #assertion(kind: Assertion, length: number): PatternNode {
    this.#at += length
    return { type: 'assert', kind }
  }

  #escaped(letter: string | undefined): PatternNode {
    if (letter === 'b') return this.#assertion('boundary', 2)
    if (letter === 'B') return this.#assertion('no boundary', 2)
    // Back references, and octal escapes, which look the same.
    if (letter === undefined || /[1-9k]/.test(letter)) throw new Unsupported()
    return this.#unit(this.#take(escape)?.[0])
  }

  /** Parses a class or an escape. The platform matches it against one character in constant time. */
  #unit(text: string | undefined): PatternNode {
    if (text === undefined) throw new Unsupported()
    const expression = new RegExp(`^${text}$`, this.#flags)
    return { type: 'one', matches: (unit) => expression.test(unit) }
  }

  #take(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at
    const found = expression.exec(this.#source) ?? undefined
    this.#at += found?.[0].length ?? 0
    return found
  }
}
