import ts from 'typescript'
import { lineOf, parseModule } from '../module-imports.ts'

/** One small change to a source file that a good test suite notices. */
export interface Mutation {
  readonly operator: Operator
  /** Path of the file from the workspace's root. */
  readonly path: string
  readonly line: number
  /** The text between these offsets is replaced. */
  readonly start: number
  readonly end: number
  readonly replacement: string
  /** The probe that records the execution of the place at run time without changing the behavior. */
  readonly probe: Probe
}

/** Text to insert around a node; `id` is replaced by the number of the mutation. */
interface Probe {
  readonly start: number
  readonly end: number
  readonly before: (id: number) => string
  readonly after: string
}

export type Operator =
  | 'drop await'
  | 'negate condition'
  | 'swap equality'
  | 'move boundary'
  | 'swap logic'
  | 'always default'
  | 'swap arithmetic'
  | 'change number'
  | 'change string'
  | 'flip boolean'
  | 'drop statement'
  | 'drop element'
  | 'drop property'
  | 'swap method'

const EQUALITY = new Map([
  [ts.SyntaxKind.EqualsEqualsEqualsToken, '!=='],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, '==='],
])
const BOUNDARY = new Map([
  [ts.SyntaxKind.LessThanToken, '<='],
  [ts.SyntaxKind.LessThanEqualsToken, '<'],
  [ts.SyntaxKind.GreaterThanToken, '>='],
  [ts.SyntaxKind.GreaterThanEqualsToken, '>'],
])
const LOGIC = new Map([
  [ts.SyntaxKind.AmpersandAmpersandToken, '||'],
  [ts.SyntaxKind.BarBarToken, '&&'],
])
const ARITHMETIC = new Map([
  [ts.SyntaxKind.PlusToken, '-'],
  [ts.SyntaxKind.MinusToken, '+'],
  [ts.SyntaxKind.AsteriskToken, '/'],
  [ts.SyntaxKind.SlashToken, '*'],
])
const BINARY: readonly (readonly [Operator, ReadonlyMap<ts.SyntaxKind, string>])[] = [
  ['swap equality', EQUALITY],
  ['move boundary', BOUNDARY],
  ['swap logic', LOGIC],
  ['swap arithmetic', ARITHMETIC],
]
const METHODS = new Map([
  ['min', 'max'],
  ['max', 'min'],
  ['some', 'every'],
  ['every', 'some'],
  ['startsWith', 'endsWith'],
])

/** Returns every mutation of a file, in the order of the text. A mutation may not compile. */
export function mutationsOf(path: string, text: string): readonly Mutation[] {
  const source = parseModule(path, text)
  const found: Mutation[] = []
  const add = (operator: Operator, node: ts.Node, replacement: string, range: ts.Node = node, probed = node): void => {
    found.push({
      operator,
      path,
      line: lineOf(source, range),
      start: range.getStart(source),
      end: range.end,
      replacement,
      probe: probeOf(source, probed),
    })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return
    if (ts.isAwaitExpression(node)) add('drop await', node, node.expression.getText(source))
    const condition = conditionOf(node)
    if (condition !== undefined) add('negate condition', condition, `!(${condition.getText(source)})`)
    if (ts.isBinaryExpression(node)) addBinary(node)
    if (ts.isNumericLiteral(node)) add('change number', node, String(Number(node.text) + 1))
    if (ts.isStringLiteral(node) && isValue(node) && /^\S+$/.test(node.text)) {
      add('change string', node, JSON.stringify(`${node.text}~`))
    }
    if (node.kind === ts.SyntaxKind.TrueKeyword) add('flip boolean', node, 'false')
    if (node.kind === ts.SyntaxKind.FalseKeyword) add('flip boolean', node, 'true')
    if (ts.isExpressionStatement(node) && !isSuperCall(node.expression)) {
      add('drop statement', node, 'void 0', node.expression, node.expression)
    }
    if (ts.isArrayLiteralExpression(node) && node.elements.length > 1) {
      for (const element of node.elements) {
        if (ts.isSpreadElement(element)) continue
        const rest = node.elements.filter((other) => other !== element).map((other) => other.getText(source))
        add('drop element', element, `[${rest.join(', ')}]`, node, element)
      }
    }
    if (ts.isObjectLiteralExpression(node)) addProperties(node)
    if (ts.isPropertyAccessExpression(node) && ts.isCallExpression(node.parent) && node.parent.expression === node) {
      const other = METHODS.get(node.name.text)
      if (other !== undefined) add('swap method', node.parent, other, node.name, node.parent)
    }
    ts.forEachChild(node, visit)
  }
  const addBinary = (node: ts.BinaryExpression): void => {
    const { left, right, operatorToken } = node
    for (const [operator, swaps] of BINARY) {
      const swapped = swaps.get(operatorToken.kind)
      if (swapped !== undefined) {
        add(operator, node, `${left.getText(source)} ${swapped} ${right.getText(source)}`)
      }
    }
    if (operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) add('always default', node, right.getText(source))
  }
  const addProperties = (node: ts.ObjectLiteralExpression): void => {
    for (const property of node.properties) {
      const isShorthand = ts.isShorthandPropertyAssignment(property)
      if (!isShorthand && !ts.isPropertyAssignment(property)) continue
      const rest = node.properties.filter((other) => other !== property).map((other) => other.getText(source))
      add('drop property', property, `{ ${rest.join(', ')} }`, node, isShorthand ? property : property.initializer)
    }
  }
  visit(source)
  return found
}

function conditionOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isIfStatement(node) || ts.isWhileStatement(node)) return node.expression
  return ts.isConditionalExpression(node) ? node.condition : undefined
}

/** False for a string that names a property or a module. */
function isValue(node: ts.StringLiteral): boolean {
  const { parent } = node
  if (ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) return parent.initializer === node
  if (ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword) return false
  return !ts.isLiteralTypeNode(parent)
}

const isSuperCall = (node: ts.Expression): boolean =>
  ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword

function probeOf(source: ts.SourceFile, node: ts.Node): Probe {
  const start = node.getStart(source)
  const { end } = node
  if (ts.isShorthandPropertyAssignment(node)) {
    return { start, end, before: (id) => `${node.name.text}: (${call(id)}, `, after: ')' }
  }
  // A parenthesis at the start of a statement would call what stands on the line before.
  if (startsStatement(source, node)) return { start, end, before: (id) => `void ${call(id)}, `, after: '' }
  return { start, end, before: (id) => `(${call(id)}, (`, after: '))' }
}

const call = (id: number): string => `globalThis.__reached?.(${id})`

function startsStatement(source: ts.SourceFile, node: ts.Node): boolean {
  for (let up: ts.Node | undefined = node.parent; up !== undefined; up = up.parent) {
    if (ts.isExpressionStatement(up)) return up.getStart(source) === node.getStart(source)
    if (ts.isStatement(up)) return false
  }
  return false
}

/** Returns the text with one mutation made. */
export const mutate = (text: string, { start, end, replacement }: Mutation): string =>
  text.slice(0, start) + replacement + text.slice(end)

/** Returns the text with a probe at each mutation of the file; `id` returns the number of a mutation. */
export function withProbes(text: string, mutations: readonly Mutation[], id: (mutation: Mutation) => number): string {
  const insertions = mutations.flatMap((mutation) => {
    const { start, end, before, after } = mutation.probe
    const size = end - start
    return [
      // At one offset the inner node's end comes first, and the outer node's start.
      { at: start, order: -size, isEnd: false, text: before(id(mutation)) },
      { at: end, order: size, isEnd: true, text: after },
    ]
  })
  insertions.sort((a, b) => a.at - b.at || Number(b.isEnd) - Number(a.isEnd) || a.order - b.order)
  let out = ''
  let from = 0
  for (const { at, text: inserted } of insertions) {
    out += text.slice(from, at) + inserted
    from = at
  }
  return out + text.slice(from)
}
