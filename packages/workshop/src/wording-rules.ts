import ts from 'typescript'
import { commentsIn, literalProse, pageProse, type Prose, sentencesIn, wordCount } from './prose.ts'
import type { Tree } from './tree.ts'
import list from './wording.json' with { type: 'json' }

export interface Finding {
  readonly path: string
  readonly line: number
  readonly rule: string
  readonly found: string
  /** The replacement. */
  readonly write: string
  readonly reason: string
}

const SOURCE = /^(?:packages|examples)\/.*\.[cm]?tsx?$/
/** Published sources: their strings are messages and hints. */
const MESSAGES = /^packages\/.*\/src\/(?!.*\.test\.)/
const PAGE =
  /^(?:README|CONTRIBUTING)\.md$|^docs\/(?!reference\/).*\.md$|^packages\/.*README\.md$|^\.changeset\/.*\.md$/
/** Tables that `npm run reference` writes from messages, which are checked where they are written. */
const GENERATED_TABLE = /<!-- (codes|reasons) -->[^]*?<!-- end of \1 -->/g
const TEST = /\.test(?:-d)?\.tsx?$/

const MAX_SENTENCE_WORDS = 25
const MAX_MESSAGE_WORDS = 12

const RELATIVE = /^(?:What|Who|Whom|Whose|Which|How|Where|When|Why|That|For so long|For how long|To what)\b[^.]*/
const WHETHER = /^Whether\b[^.]*/
const NOUN_FIRST = /^(?:The|A|An|Its|Their|No|One|Every|Each|All|Any|It|They|This|These|Those|Nothing|Undefined)\b[^.]*/
const TITLE_START = /^(?:that|which|who|whose|and|but|or|of|with|without|by|at|where|to|from|the one)\s.*/
const CONSTANT = /^(MOST|LONGEST|SHORTEST|DEEPEST|FEWEST|LARGEST|SMALLEST)_/
const SUFFIX = /(?:Parts|World|Setup)$/
const NEGATIVE = /^(?:no|dont|disable|without)[A-Z]/

/** The words to avoid. A space in a pattern matches a line break as well. */
const words = list.words.map(
  ({ find, unless, ...word }: (typeof list.words)[number] & { readonly unless?: string }) => ({
    ...word,
    pattern: new RegExp(`(?<![\\w-])(?:${find.replaceAll(' ', '\\s+')})(?![\\w-])`, 'gi'),
    unless: unless === undefined ? undefined : new RegExp(unless, 'i'),
  }),
)
const oldNames = new Map(Object.entries(list.oldNames))
const oldFiles = new Map(Object.entries(list.oldFiles))

/** Returns every place that leaves the wording of this project, in the order of the files. */
export function wordingFindings(tree: Tree): readonly Finding[] {
  return [...tree].flatMap(([path, text]) => {
    if (PAGE.test(path)) return pageFindings(path, text)
    return SOURCE.test(path) ? moduleFindings(path, text) : []
  })
}

export const printFinding = ({ path, line, rule, found, write }: Finding): string =>
  `${path}:${line} ${rule}: found "${found}"; write "${write}"`

/** Collects the findings of one file. */
class Report {
  readonly findings: Finding[] = []
  readonly #path: string
  readonly #lines: readonly number[]

  constructor(path: string, text: string) {
    this.#path = path
    this.#lines = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
  }

  add(position: number, rule: string, found: string, write: string, reason: string): void {
    const line = this.#lines.findLastIndex((start) => start <= position) + 1
    this.findings.push({ path: this.#path, line, rule, found: excerpt(found), write, reason })
  }

  addWords({ text, start }: Prose): void {
    for (const { pattern, unless, rule, write, reason } of words) {
      for (const match of text.matchAll(pattern)) {
        if (unless !== undefined && unless.test(sentenceAt(text, match.index))) continue
        this.add(start + match.index, rule, match[0], write, reason)
      }
    }
  }

  sorted(): readonly Finding[] {
    return this.findings.toSorted((one, other) => one.line - other.line)
  }
}

function excerpt(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim()
  return flat.length > 80 ? `${flat.slice(0, 79)}…` : flat
}

const sentenceAt = (text: string, position: number): string =>
  sentencesIn(text).findLast(({ at }) => at <= position)?.text ?? text

function pageFindings(path: string, text: string): readonly Finding[] {
  const report = new Report(path, text)
  const written = text.replaceAll(GENERATED_TABLE, (table) => table.replaceAll(/[^\n]/g, ' '))
  for (const prose of pageProse(written)) report.addWords(prose)
  return report.sorted()
}

function moduleFindings(path: string, text: string): readonly Finding[] {
  const source = ts.createSourceFile(path, text, {
    languageVersion: ts.ScriptTarget.Latest,
    jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
  })
  const report = new Report(path, text)
  const literals: ts.TextRange[] = []
  const documented = new Map<number, ts.Node>()
  const inMessages = MESSAGES.test(path)

  const visit = (node: ts.Node): void => {
    if (isLiteral(node)) literals.push({ pos: node.getStart(source), end: node.end })
    if (inMessages && (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node))) {
      const prose = literalProse('message', node, source)
      if (prose !== undefined && /[A-Za-z] [A-Za-z_]/.test(prose.text)) report.addWords(prose)
    }
    if (ts.isNewExpression(node)) checkMessage(node, source, report)
    if (ts.isCallExpression(node) && TEST.test(path)) checkTitle(node, source, report)
    if (ts.isImportDeclaration(node)) checkTestImport(node, source, report)
    if (isDocumented(node)) documented.set(node.getStart(source), node)
    const name = declaredName(node)
    if (name !== undefined) checkName(name, node, source, report)
    ts.forEachChild(node, visit)
  }
  visit(source)

  for (const prose of commentsIn(text, literals)) {
    report.addWords(prose)
    if (prose.kind !== 'docstring') continue
    const end = prose.start + prose.text.length
    const gap = /^\s*/.exec(text.slice(end))?.[0].length ?? 0
    checkDocstring(prose, documented.get(end + gap), report)
  }
  const file = path.slice(path.lastIndexOf('/') + 1).replace(/(?:\.test(?:-d)?)?\.tsx?$/, '')
  const better = oldFiles.get(file)
  if (better !== undefined) report.add(0, 'old-name', file, better, 'the file was renamed')
  return report.sorted()
}

const isLiteral = (node: ts.Node): boolean =>
  ts.isStringLiteralLike(node) ||
  ts.isRegularExpressionLiteral(node) ||
  ts.isTemplateHead(node) ||
  ts.isTemplateMiddleOrTemplateTail(node)

/** Checks the message of `new ConnectorError(code, message)` where it is written out. */
function checkMessage({ expression, arguments: given }: ts.NewExpression, source: ts.SourceFile, report: Report): void {
  if (!ts.isIdentifier(expression) || expression.text !== 'ConnectorError') return
  const message = given?.[1]
  if (message === undefined) return
  const choices = ts.isConditionalExpression(message) ? [message.whenTrue, message.whenFalse] : [message]
  for (const choice of choices) {
    const prose = literalProse('message', choice, source)
    if (prose === undefined) continue
    const count = wordCount(prose.text)
    if (count > MAX_MESSAGE_WORDS) {
      report.add(
        prose.start,
        'message-length',
        prose.text,
        `at most ${MAX_MESSAGE_WORDS} words`,
        `it has ${count} words`,
      )
    }
    if (prose.text.includes('? ') || prose.text.endsWith('?')) {
      report.add(prose.start, 'message-question', prose.text, 'a statement', 'an error message states a fact')
    }
  }
}

/** Checks the title of `it('...')`, `describe.each(...)('...')` and the like. */
function checkTitle(node: ts.CallExpression, source: ts.SourceFile, report: Report): void {
  let callee: ts.Expression = node.expression
  while (ts.isPropertyAccessExpression(callee) || ts.isCallExpression(callee)) callee = callee.expression
  if (!ts.isIdentifier(callee) || !/^(?:it|test|describe)$/.test(callee.text)) return
  const [title] = node.arguments
  const prose = title === undefined ? undefined : literalProse('title', title, source)
  if (prose === undefined) return
  report.addWords(prose)
  if (callee.text === 'describe') return
  const [fragment] = TITLE_START.exec(prose.text) ?? []
  if (fragment !== undefined) {
    report.add(
      prose.start,
      'test-title',
      fragment,
      'a sentence that begins with a verb or its subject',
      'a title is a sentence',
    )
  }
}

function checkTestImport(
  { moduleSpecifier, importClause }: ts.ImportDeclaration,
  source: ts.SourceFile,
  report: Report,
): void {
  if (!ts.isStringLiteral(moduleSpecifier) || moduleSpecifier.text !== 'vitest') return
  const bindings = importClause?.namedBindings
  if (bindings === undefined || !ts.isNamedImports(bindings)) return
  for (const each of bindings.elements) {
    if ((each.propertyName ?? each.name).text !== 'test') continue
    report.add(each.getStart(source), 'test-function', 'test', 'it', 'every test is an `it`')
  }
}

/** Checks the first sentence of a docstring: a function's begins with a verb, and none is a relative clause. */
function checkDocstring({ start, text }: Prose, node: ts.Node | undefined, report: Report): void {
  const [first] = sentencesIn(text.replaceAll(/[ \t]+$/gm, ''))
  const beginning = text.search(/\S/)
  if (first === undefined || beginning < 0) return
  const sentence = first.text.trim()
  if (sentence.startsWith('@')) return
  const at = start + beginning
  const runs = node !== undefined && isFunction(node)
  const clause = RELATIVE.exec(sentence) ?? (runs ? WHETHER.exec(sentence) : null)
  if (clause !== null) {
    const whether = sentence.startsWith('Whether')
    const write = whether ? 'Returns whether ...' : runs ? 'a verb with an object' : 'a noun: "The ... that ..."'
    report.add(at, 'docstring-start', clause[0], write, 'a relative clause has no subject')
  } else if (runs && NOUN_FIRST.test(sentence)) {
    report.add(at, 'docstring-start', sentence, 'a verb with an object: "Returns the ..."', 'a function does something')
  }
  const count = wordCount(sentence)
  if (count > MAX_SENTENCE_WORDS) {
    report.add(at, 'docstring-length', sentence, `at most ${MAX_SENTENCE_WORDS} words`, `it has ${count} words`)
  }
}

const isDocumented = (node: ts.Node): boolean =>
  ts.isStatement(node) || ts.isTypeElement(node) || ts.isClassElement(node) || ts.isPropertyAssignment(node)

function isFunction(node: ts.Node): boolean {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isMethodSignature(node)) return true
  if (ts.isVariableStatement(node)) return isFunctionValue(node.declarationList.declarations[0]?.initializer)
  return ts.isPropertyDeclaration(node) && isFunctionValue(node.initializer)
}

const isFunctionValue = (node: ts.Node | undefined): boolean =>
  node !== undefined && (ts.isArrowFunction(node) || ts.isFunctionExpression(node))

const DECLARATIONS: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.VariableDeclaration,
  ts.SyntaxKind.Parameter,
  ts.SyntaxKind.BindingElement,
  ts.SyntaxKind.FunctionDeclaration,
  ts.SyntaxKind.ClassDeclaration,
  ts.SyntaxKind.InterfaceDeclaration,
  ts.SyntaxKind.TypeAliasDeclaration,
  ts.SyntaxKind.PropertySignature,
  ts.SyntaxKind.PropertyDeclaration,
  ts.SyntaxKind.MethodSignature,
  ts.SyntaxKind.MethodDeclaration,
])

/** Returns the name that a node declares, if it declares one. */
function declaredName(node: ts.Node): ts.Identifier | undefined {
  if (!DECLARATIONS.has(node.kind)) return undefined
  const { name } = node as ts.NamedDeclaration
  return name !== undefined && ts.isIdentifier(name) ? name : undefined
}

function checkName({ text, pos, end }: ts.Identifier, node: ts.Node, source: ts.SourceFile, report: Report): void {
  const at = Math.max(pos, end - text.length)
  const better = oldNames.get(text)
  // A destructured name is the other side's choice.
  if (better !== undefined && !ts.isBindingElement(node)) {
    report.add(at, 'old-name', text, better, 'the name was replaced')
  }
  const [, superlative] = CONSTANT.exec(text) ?? []
  if (superlative !== undefined) {
    const bound = /FEWEST|SHORTEST|SMALLEST/.test(superlative) ? 'MIN_' : 'MAX_'
    report.add(at, 'constant', text, text.replace(CONSTANT, bound), 'bounds are MAX_ and MIN_')
  }
  const isType = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isClassDeclaration(node)
  if (isType && SUFFIX.test(text)) {
    report.add(at, 'suffix', text, text.replace(SUFFIX, 'Context'), 'a suffix names a role')
  }
  if (
    (ts.isPropertySignature(node) || ts.isPropertyDeclaration(node)) &&
    NEGATIVE.test(text) &&
    isBoolean(node, source)
  ) {
    report.add(at, 'boolean', text, 'the positive name', 'booleans are positive')
  }
}

const isBoolean = (node: ts.PropertySignature | ts.PropertyDeclaration, source: ts.SourceFile): boolean =>
  node.type !== undefined && /^(?:boolean|true|false)\b/.test(node.type.getText(source))
