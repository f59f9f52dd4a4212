import ts from 'typescript'

export type ProseKind = 'comment' | 'docstring' | 'message' | 'title' | 'page'

/** A run of English in a file. Code inside it is masked with underscores, so offsets stay those of the file. */
export interface Prose {
  readonly kind: ProseKind
  readonly start: number
  readonly text: string
}

const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ')
const masked = (text: string): string => '_'.repeat(text.length)
/** Masks inline code, links, addresses and TSDoc tags; blanks fenced code. Keeps the length. */
const withoutCode = (text: string): string =>
  text
    .replaceAll(/```[\s\S]*?(?:```|$)/g, blank)
    .replaceAll(/`[^`\n]*`|\{@\w+[^}]*\}|\]\([^)]*\)|\b[a-z]+:\/\/[^\s)]+|<!--[\s\S]*?-->/g, masked)

/** Returns the text of a comment without its markers, with every offset unchanged. */
const commentText = (text: string): string =>
  withoutCode(text.replaceAll(/^\/\*\*?|\*\/$|^[ \t]*\*(?!\/)|^[ \t]*\/\//gm, blank))

/**
 * Returns the comments of a module. Adjacent line comments are one comment.
 * @param literals the ranges that hold strings, templates and patterns, in order
 */
export function commentsIn(text: string, literals: readonly ts.TextRange[]): readonly Prose[] {
  const found: Prose[] = []
  const opening = /\/\*[\s\S]*?\*\/|\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)*/g
  let next = 0
  for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
    const { index } = match
    while ((literals[next]?.end ?? Infinity) <= index) next++
    const literal = literals[next]
    if (literal !== undefined && literal.pos <= index) {
      opening.lastIndex = literal.end
      continue
    }
    const kind = match[0].startsWith('/**') ? 'docstring' : 'comment'
    found.push({ kind, start: index, text: commentText(match[0]) })
  }
  return found
}

/** Returns the prose of a Markdown page, and the comments of its TypeScript samples. */
export function pageProse(text: string): readonly Prose[] {
  const samples = [...text.matchAll(/^```tsx?\n([\s\S]*?)^```/gm)].flatMap((match) => {
    const sample = match[1] ?? ''
    const start = match.index + match[0].indexOf('\n') + 1
    // A colon before the slashes is an address inside a string.
    return [...sample.matchAll(/(?<![:'"`])\/\*[\s\S]*?\*\/|(?<![:'"`/])\/\/[^\n]*/g)].map(
      ({ 0: comment, index }): Prose => ({ kind: 'comment', start: start + index, text: commentText(comment) }),
    )
  })
  return [{ kind: 'page', start: 0, text: withoutCode(text) }, ...samples]
}

/** Returns the text of a string or template; each placeholder is masked, so it counts as one word. */
export function literalProse(kind: ProseKind, node: ts.Expression, source: ts.SourceFile): Prose | undefined {
  if (!ts.isStringLiteralLike(node) && !ts.isTemplateExpression(node)) return undefined
  const start = node.getStart(source) + 1
  let text = source.text.slice(start, node.end - 1)
  if (ts.isTemplateExpression(node)) {
    for (const { expression } of node.templateSpans) {
      const from = expression.pos - 2 - start
      const to = source.text.indexOf('}', expression.end) + 1 - start
      text = text.slice(0, from) + '_'.repeat(to - from) + text.slice(to)
    }
  }
  text = text.replaceAll(/\\[nt]/g, '  ').replaceAll(/\\u[0-9a-f]{4}/gi, masked)
  return { kind, start, text: withoutCode(text) }
}

/** Returns the sentences of a text with their offsets. */
export function sentencesIn(text: string): readonly { readonly at: number; readonly text: string }[] {
  return [...text.matchAll(/(?:(?![.!?:;](?:\s|$)|\n[ \t]*\n)[\s\S])+[.!?:;]?/g)].map((match) => ({
    at: match.index,
    text: match[0],
  }))
}

/** Returns the number of words; masked code counts as one. */
export const wordCount = (text: string): number =>
  text.split(/\s+/).filter((word) => /[\p{L}\p{N}_]/u.test(word)).length
