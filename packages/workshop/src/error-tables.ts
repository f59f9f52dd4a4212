import ts from 'typescript'
import { publishedPackages } from './manifest.ts'
import { parseModule } from './module-imports.ts'
import { declaredIn } from './public-declarations.ts'
import { summaryLine } from './reference-entry.ts'
import type { Tree } from './tree.ts'

/** Stands for what is only known at run time. */
const UNKNOWN = '…'

/** The table of codes in core. */
export const CODES_PATH = 'packages/core/src/errors/codes.ts'

/** Renders a table of the error codes, in the order of the table in core. */
export function codeTable(tree: Tree): string {
  const rows = codesOf(tree)
    .properties.filter(ts.isPropertyAssignment)
    .map((row) => {
      const cell = (name: string): string => words(valueAt(row.initializer, name)).join(' or ')
      const given = valueAt(row.initializer, 'given')
      const [detail] = words(valueAt(given, 'detail'))
      const better = detail === undefined ? '' : ` With \`${detail}\`: ${words(valueAt(given, 'advice')).join('')}`
      const isRetryable = cell('retryable') === 'true' ? 'yes' : 'no'
      return [`\`${row.name.getText()}\``, cell('status'), isRetryable, summaryLine(row), cell('advice') + better]
    })
  return tableOf(['code', 'HTTP', 'retryable', 'meaning', 'advice'], rows)
}

function codesOf(tree: Tree): ts.ObjectLiteralExpression {
  const declared = declaredIn(tree, CODES_PATH, 'codes')
  const [declaration] = declared !== undefined && 'declarations' in declared ? declared.declarations : []
  const table = declaration && ts.isVariableDeclaration(declaration) && unwrapped(declaration.initializer)
  if (!table || !ts.isObjectLiteralExpression(table)) throw new Error(`${CODES_PATH} has no table of codes`)
  return table
}

interface Reason {
  readonly reason: string
  readonly codes: readonly string[]
  readonly message: string
  readonly hint: string
}

/** Renders a table of each `details.reason` that the published sources write down, with its message and advice. */
export function reasonTable(tree: Tree): string {
  const codes = codesOf(tree)
  const found = reasonsIn(tree).toSorted((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1))
  const rows = found
    .filter((each) => !found.some((other) => saysMore(other, each)))
    .map((each) => [
      `\`${each.reason}\``,
      each.codes.map((code) => `\`${code}\``).join(', '),
      each.message,
      // What `advice` returns.
      each.hint || words(valueAt(valueAt(codes, each.codes[0] ?? ''), 'advice')).join(''),
    ])
  const unique = new Map(rows.map((row) => [row.join('|'), row]))
  return tableOf(['reason', 'code', 'message', 'what to do'], [...unique.values()])
}

/** Returns whether `other` is about the same failure as `one`, and has a text that `one` lacks. */
const saysMore = (other: Reason, one: Reason): boolean =>
  other.reason === one.reason &&
  other.codes.join() === one.codes.join() &&
  ((one.message === UNKNOWN && other.message !== UNKNOWN) ||
    (one.message === other.message && one.hint === '' && other.hint !== ''))

const sortKey = ({ reason, codes, message }: Reason): string => [reason, ...codes, message].join(' ')

function reasonsIn(tree: Tree): readonly Reason[] {
  return publishedPackages(tree).flatMap(({ folder }) => {
    const sources = [...tree]
      .filter(([path]) => path.startsWith(`${folder}/src/`) && path.endsWith('.ts'))
      .map(([path, text]) => ({ path, source: parseModule(path, text) }))
    return sources.flatMap(({ path, source }) =>
      nodesOf(source, ts.isNewExpression)
        .filter(({ expression }) => expression.getText() === 'ConnectorError')
        .flatMap((node) => reasonsOf(tree, sources, path, node)),
    )
  })
}

type Sources = readonly { readonly path: string; readonly source: ts.SourceFile }[]
/** The words that one call of a function passes for each of its parameters. */
type Given = ReadonlyMap<string, readonly string[]>

function reasonsOf(tree: Tree, sources: Sources, path: string, node: ts.NewExpression): readonly Reason[] {
  const [code, message, details] = node.arguments ?? []
  const reason = details && valueAt(details, 'reason')
  if (code === undefined || message === undefined || details === undefined || reason === undefined) return []
  const entry = (value: string, given: Given): Reason => {
    const [text = UNKNOWN] = words(message, given)
    return {
      reason: value,
      codes: words(code),
      message: text,
      hint: words(valueAt(details, 'hint'), given).join(' Or: '),
    }
  }
  const known = staticWords(tree, path, reason).filter((each) => each !== UNKNOWN)
  if (known.length > 0) return known.map((value) => entry(value, new Map()))
  if (!ts.isIdentifier(reason)) return []
  const label = labelsAround(node, reason.text)
  if (label.length > 0) return label.map((value) => entry(value, new Map([[reason.text, [value]]])))
  return callsAround(sources, node, reason.text).flatMap((given) =>
    (given.get(reason.text) ?? []).map((value) => entry(value, new Map([...given, [reason.text, [value]]]))),
  )
}

/** Returns the labels of the `case` clauses around a node, in a switch over `name`. */
function labelsAround(node: ts.Node, name: string): readonly string[] {
  for (let up: ts.Node = node; !ts.isSourceFile(up); up = up.parent) {
    if (!ts.isCaseClause(up) || up.parent.parent.expression.getText() !== name) continue
    const { clauses } = up.parent
    const labels = words(up.expression)
    // Clauses without statements fall through to this one.
    for (let at = clauses.indexOf(up) - 1; at >= 0; at--) {
      const above = clauses[at]
      if (above === undefined || above.statements.length > 0 || !ts.isCaseClause(above)) break
      labels.unshift(...words(above.expression))
    }
    return labels
  }
  return []
}

/** Returns the arguments of each call, in the same package, of the function around a node that has a parameter `name`. */
function callsAround(sources: Sources, node: ts.Node, name: string): readonly Given[] {
  for (let up: ts.Node = node; !ts.isSourceFile(up); up = up.parent) {
    if (!ts.isArrowFunction(up) && !ts.isFunctionDeclaration(up)) continue
    const { parameters } = up
    if (!parameters.some((each) => each.name.getText() === name)) continue
    const called = ts.isFunctionDeclaration(up)
      ? up.name?.text
      : ts.isVariableDeclaration(up.parent)
        ? up.parent.name.getText()
        : undefined
    const home = node.getSourceFile()
    return sources
      .filter(({ source }) => source === home || importsFrom(source, called))
      .flatMap(({ source }) => nodesOf(source, ts.isCallExpression))
      .filter(({ expression }) => expression.getText() === called)
      .map(
        (call) =>
          new Map(
            parameters.map((each, index) => {
              const argument = call.arguments[index]
              return [each.name.getText(), argument === undefined ? [] : words(argument)]
            }),
          ),
      )
  }
  return []
}

const importsFrom = (source: ts.SourceFile, name: string | undefined): boolean =>
  nodesOf(source, ts.isImportSpecifier).some((each) => each.name.text === name)

/** Returns the texts that an expression can be. Follows a constant to the module that declares it. */
function staticWords(tree: Tree, path: string, node: ts.Expression): readonly string[] {
  if (!ts.isIdentifier(node)) return words(node)
  const found = declaredIn(tree, path, node.text)
  const [declaration] = found !== undefined && 'declarations' in found ? found.declarations : []
  return declaration && ts.isVariableDeclaration(declaration) ? words(unwrapped(declaration.initializer)) : []
}

/** Returns the texts that an expression can be. A part that is only known at run time is an ellipsis. */
function words(node: ts.Expression | undefined, given: Given = new Map()): string[] {
  if (node === undefined) return []
  if (ts.isStringLiteralLike(node) || ts.isNumericLiteral(node)) return [node.text]
  if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) return [node.getText()]
  if (ts.isParenthesizedExpression(node)) return words(node.expression, given)
  if (ts.isConditionalExpression(node)) {
    const holds = comparison(node.condition, given)
    return [
      ...(holds === false ? [] : branch(node.whenTrue, given)),
      ...(holds === true ? [] : branch(node.whenFalse, given)),
    ]
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return [[...words(node.left, given), ...words(node.right, given)].join('')]
  }
  if (ts.isTemplateExpression(node)) {
    const parts = node.templateSpans.map(({ expression, literal }) => `${insertion(expression, given)}${literal.text}`)
    return [node.head.text + parts.join('')]
  }
  if (!ts.isIdentifier(node)) return []
  return [...(given.get(node.text) ?? words(variable(node)?.initializer, given))]
}

/** Returns the texts of a branch of a condition: an ellipsis if it is only known at run time, none for `undefined`. */
function branch(node: ts.Expression, given: Given): readonly string[] {
  const known = words(node, given)
  return known.length > 0 || node.getText() === 'undefined' ? known : [UNKNOWN]
}

/** Returns whether `name === 'text'` holds, or undefined if that is not known. */
function comparison(node: ts.Expression, given: Given): boolean | undefined {
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.EqualsEqualsEqualsToken)
    return undefined
  const [known] = given.get(node.left.getText()) ?? []
  return known !== undefined && ts.isStringLiteralLike(node.right) ? known === node.right.text : undefined
}

/** Returns the variable that a name refers to, or undefined if its module declares none or several. */
function variable(name: ts.Identifier): ts.VariableDeclaration | undefined {
  const found = nodesOf(name.getSourceFile(), ts.isVariableDeclaration).filter(
    (each) => each.name.getText() === name.text,
  )
  return found.length === 1 && found[0]?.initializer !== name ? found[0] : undefined
}

/** Returns the text that a template shows for `${name}`, or for `${table[name]}` if the table is in the same module. */
function insertion(node: ts.Expression, given: Given): string {
  const known = words(node, given)
  if (known.length === 1) return known[0] ?? UNKNOWN
  if (!ts.isElementAccessExpression(node) || !ts.isIdentifier(node.argumentExpression)) return UNKNOWN
  const [key] = given.get(node.argumentExpression.text) ?? []
  return words(key === undefined ? undefined : valueAt(node.expression, key))[0] ?? UNKNOWN
}

/** Returns the value of a property of an object literal, or of the constant that refers to one. */
function valueAt(node: ts.Expression | undefined, name: string): ts.Expression | undefined {
  if (node === undefined) return undefined
  if (ts.isIdentifier(node)) return valueAt(unwrapped(variable(node)?.initializer), name)
  if (!ts.isObjectLiteralExpression(node)) return undefined
  for (const property of node.properties) {
    if (property.name?.getText() !== name) continue
    if (ts.isPropertyAssignment(property)) return property.initializer
    if (ts.isShorthandPropertyAssignment(property)) return property.name
  }
  return undefined
}

function unwrapped(node: ts.Expression | undefined): ts.Expression | undefined {
  return node && (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) ? unwrapped(node.expression) : node
}

function nodesOf<Kind extends ts.Node>(source: ts.Node, is: (node: ts.Node) => node is Kind): readonly Kind[] {
  const found: Kind[] = []
  const visit = (node: ts.Node): void => {
    if (is(node)) found.push(node)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '&lt;')).join(' | ')} |`)
    .join('\n')
