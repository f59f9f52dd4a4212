import ts from 'typescript'
import { declaredIn } from './public-declarations.ts'
import type { Declaration, Declared } from './public-declarations.ts'
import type { Tree } from './tree.ts'

/** An initializer up to this length is printed as it is written. */
const MAX_INITIALIZER_LENGTH = 800

/** Renders one public name as Markdown: its signature, its docstring, and its members with theirs. */
export function referenceEntry(tree: Tree, { declarations, path }: Declared): string {
  const overloads = declarations.filter((each) => ts.isFunctionDeclaration(each) && each.body === undefined)
  const shown = overloads.length > 0 ? overloads : declarations
  const documented = declarations.find((each) => rawDoc(each) !== undefined)
  return [
    fence(shown.map(signature).join('\n')),
    documented === undefined ? '' : docs(documented),
    shown.flatMap(members).join('\n'),
    shown.map((each) => toolTable(tree, path, each)).join(''),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** Names of the types that a declaration shows its reader. */
export function typesShownBy(declaration: Declaration): readonly string[] {
  const found = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isBlock(node) || ts.isPrivateIdentifier(node)) return
    if (ts.isVariableDeclaration(node) && node.type !== undefined) return visit(node.type)
    if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName)) found.add(node.typeName.text)
    if (ts.isExpressionWithTypeArguments(node) && ts.isIdentifier(node.expression)) found.add(node.expression.text)
    ts.forEachChild(node, visit)
  }
  visit(declaration)
  return [...found]
}

/** Returns whether a type has something to read: helpers that only compute a type do not. */
export const isDescriptive = (declaration: Declaration): boolean =>
  ts.isInterfaceDeclaration(declaration) ||
  (ts.isTypeAliasDeclaration(declaration) &&
    [ts.SyntaxKind.TypeLiteral, ts.SyntaxKind.UnionType, ts.SyntaxKind.FunctionType].includes(declaration.type.kind))

function signature(node: Declaration): string {
  if (ts.isInterfaceDeclaration(node)) return `interface ${head(node)}`
  if (ts.isClassDeclaration(node)) return `${isAbstract(node) ? 'abstract ' : ''}class ${head(node)}`
  if (ts.isFunctionDeclaration(node)) return upTo(node, node.body?.pos)
  if (ts.isTypeAliasDeclaration(node)) {
    if (!ts.isTypeLiteralNode(node.type)) return bare(node.getText())
    return `type ${node.name.text}${source(node).text.slice(node.name.end, node.type.getStart())}{ … }`
  }
  const name = node.name.getText()
  if (node.type !== undefined) return `const ${name}: ${node.type.getText()}`
  const value = valueOf(node)
  if (value === undefined) return `const ${name}`
  if (ts.isArrowFunction(value)) return `function ${name}${arrowHead(value)}`
  if (ts.isObjectLiteralExpression(value)) return `const ${name} = { … }`
  const text = value.getText()
  if (text.length <= MAX_INITIALIZER_LENGTH || !ts.isCallExpression(value)) return `const ${name} = ${text}`
  return `const ${name} = ${value.expression.getText()}(…)`
}

function members(node: Declaration): readonly string[] {
  // Any other alias is printed whole, so a list would repeat it.
  if (ts.isTypeAliasDeclaration(node)) return ts.isTypeLiteralNode(node.type) ? literalMembers(node.type, '') : []
  if (!ts.isVariableDeclaration(node))
    return ts.isFunctionDeclaration(node) ? [] : node.members.flatMap((m) => member(m))
  const value = node.type === undefined ? valueOf(node) : undefined
  if (value === undefined || !ts.isObjectLiteralExpression(value)) return []
  return value.properties.flatMap((each) => (each.name ? [bullet(each.name.getText(), each, '')] : []))
}

/** Returns the docstring of a declaration or a member, without its tags, in one line. */
export const summaryLine = (node: ts.Node): string => oneLine(parsedDoc(node).summary)

/** Renders the members of a type as list items; of an intersection, those of all its parts. */
export const memberLines = (members: readonly ts.TypeElement[]): readonly string[] =>
  members.flatMap((each) => member(each))

/** Prints one member as a list item. A type literal in its type becomes a nested list, because its fields have docstrings. */
function member(node: ts.TypeElement | ts.ClassElement, indent = ''): readonly string[] {
  if (node.name !== undefined && ts.isPrivateIdentifier(node.name)) return []
  if (ts.isClassStaticBlockDeclaration(node) || hasModifier(node, ts.SyntaxKind.PrivateKeyword)) return []
  const prefix = [ts.SyntaxKind.StaticKeyword, ts.SyntaxKind.ProtectedKeyword, ts.SyntaxKind.AbstractKeyword]
    .filter((kind) => hasModifier(node, kind))
    .map((kind) => `${ts.tokenToString(kind)} `)
    .join('')
  if (ts.isPropertySignature(node) || ts.isPropertyDeclaration(node) || ts.isGetAccessor(node)) {
    const mark = 'questionToken' in node && node.questionToken !== undefined ? '?' : ''
    const type = node.type === undefined ? '' : `: ${shortType(node.type, mark === '?')}`
    const nested = node.type === undefined ? [] : literalMembers(node.type, `${indent}  `)
    return [bullet(`${prefix}${node.name.getText()}${mark}${type}`, node, indent), ...nested]
  }
  if (ts.isSetAccessor(node)) return []
  const end = ts.isFunctionLike(node) && 'body' in node ? (node.body?.pos ?? node.end) : node.end
  const start = node.name?.getStart() ?? (ts.isConstructorDeclaration(node) ? node.getStart() : firstToken(node))
  const text = source(node).text.slice(start, end)
  return [bullet(`${prefix}${text}`, node, indent)]
}

/** Returns the position at which a call or construct signature begins, after its docstring. */
const firstToken = (node: ts.Node): number => node.getStart(source(node), false)

function literalMembers(type: ts.TypeNode, indent: string): readonly string[] {
  if (ts.isTypeLiteralNode(type)) return type.members.flatMap((each) => member(each, indent))
  return ts.isIntersectionTypeNode(type) ? type.types.flatMap((each) => literalMembers(each, indent)) : []
}

function shortType(type: ts.TypeNode, optional: boolean): string {
  if (ts.isTypeLiteralNode(type)) return '{ … }'
  if (ts.isIntersectionTypeNode(type)) return type.types.map((each) => shortType(each, false)).join(' & ')
  const text = type.getText()
  return optional ? text.replace(/ \| undefined$/, '').replace(/^\((.*)\)$/s, '$1') : text
}

function bullet(text: string, node: ts.Node, indent: string): string {
  const { summary, tags } = parsedDoc(node)
  const more = tags
    .filter(([tag]) => tag !== 'example')
    .map(([tag, said]) => `\n${indent}  - ${tagText(tag, oneLine(said))}`)
  const line = oneLine(text).replace(/;$/, '')
  return `${indent}- \`${line}\`${summary === '' ? '' : `: ${oneLine(summary)}`}${more.join('')}`
}

function docs(node: ts.Node): string {
  const { summary, tags } = parsedDoc(node)
  const listed = tags.filter(([tag]) => tag !== 'example').map(([tag, said]) => `- ${tagText(tag, oneLine(said))}`)
  const examples = tags.filter(([tag]) => tag === 'example').map(([, said]) => fence(said.trim()))
  return [summary, listed.join('\n'), ...examples].filter((part) => part !== '').join('\n\n')
}

function tagText(tag: string, text: string): string {
  if (tag === 'default') return `Default: ${text}`
  if (tag === 'throws') return `Throws: ${text}`
  if (tag === 'returns') return `Returns: ${text}`
  if (tag !== 'param') return `${tag}: ${text}`
  return text.replace(/^(\S+)\s*/, '`$1`: ')
}

interface Doc {
  readonly summary: string
  readonly tags: readonly (readonly [tag: string, text: string])[]
}

function parsedDoc(node: ts.Node): Doc {
  const raw = rawDoc(node) ?? ''
  const text = raw
    .replace(/^\/\*\*|\*\/$/g, '')
    .replaceAll(/^\s*\* ?/gm, '')
    .replaceAll(/\{@link ([^}\s]+)[^}]*\}/g, '`$1`')
  const [summary = '', ...tagged] = text.split(/(?:^|\s)@(?=(?:default|deprecated|example|param|returns|throws)\b)/)
  return {
    summary: summary.trim(),
    tags: tagged.map((each) => [/^\w+/.exec(each)?.[0] ?? '', each.replace(/^\w+\s*/, '').trim()]),
  }
}

const rawDoc = (node: ts.Node): string | undefined => ts.getJSDocCommentsAndTags(node).findLast(ts.isJSDoc)?.getText()

/** Returns the tools of a connector that are literals: their names, effects and descriptions. */
function toolTable(tree: Tree, path: string, node: Declaration): string {
  const definition = ts.isVariableDeclaration(node) ? definitionOf(tree, path, node) : undefined
  const tools = definition && property(definition, 'tools')
  if (tools === undefined || !ts.isObjectLiteralExpression(tools)) return ''
  const rows = tools.properties.flatMap((each) => {
    const value = ts.isPropertyAssignment(each) ? each.initializer.getText() : each.name?.getText()
    const found = declaredIn(tree, path, value ?? '')
    const declaration = found !== undefined && 'declarations' in found ? found.declarations[0] : undefined
    const options = declaration && ts.isVariableDeclaration(declaration) ? argumentOf(declaration, 'tool') : undefined
    if (options === undefined || each.name === undefined) return []
    const [effect, description] = ['effect', 'description'].map((name) => textOf(property(options, name)))
    return [`| \`${each.name.getText()}\` | ${effect} | ${description?.replaceAll('|', '\\|')} |`]
  })
  return rows.length === 0 ? '' : `| tool | effect | description |\n| --- | --- | --- |\n${rows.join('\n')}`
}

/** Returns the description of a service, which has a separate name if its types have one. */
function definitionOf(tree: Tree, path: string, node: ts.VariableDeclaration): ts.ObjectLiteralExpression | undefined {
  if (node.initializer === undefined || !ts.isIdentifier(node.initializer)) return argumentOf(node, 'defineConnector')
  const found = declaredIn(tree, path, node.initializer.text)
  const [declaration] = found !== undefined && 'declarations' in found ? found.declarations : []
  return declaration && ts.isVariableDeclaration(declaration) ? definitionOf(tree, path, declaration) : undefined
}

function argumentOf({ initializer }: ts.VariableDeclaration, called: string): ts.ObjectLiteralExpression | undefined {
  if (initializer === undefined || !ts.isCallExpression(initializer)) return undefined
  const [first] = initializer.arguments
  const isCalled = initializer.expression.getText() === called
  return isCalled && first !== undefined && ts.isObjectLiteralExpression(first) ? first : undefined
}

const property = (node: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined =>
  node.properties.filter(ts.isPropertyAssignment).find((each) => each.name.getText() === name)?.initializer

function textOf(node: ts.Expression | undefined): string {
  if (node === undefined) return ''
  if (ts.isStringLiteralLike(node)) return node.text
  return ts.isBinaryExpression(node) ? textOf(node.left) + textOf(node.right) : node.getText()
}

/** Returns the initializer without `as const` and the like, or the function of `Object.assign(f, …)`. */
function valueOf(node: ts.VariableDeclaration): ts.Expression | undefined {
  let value = node.initializer
  while (value && (ts.isAsExpression(value) || ts.isSatisfiesExpression(value))) value = value.expression
  if (value && ts.isCallExpression(value) && value.expression.getText() === 'Object.assign') return value.arguments[0]
  return value
}

function arrowHead(node: ts.ArrowFunction): string {
  const start = (node.typeParameters ?? node.parameters).pos - 1
  const text = source(node).text.slice(start, node.equalsGreaterThanToken.pos)
  return text.startsWith('(') || text.startsWith('<') ? text : `(${node.parameters[0]?.getText() ?? ''})`
}

/** Prints the name, the type parameters and the heritage of an interface or a class. */
const head = (node: ts.InterfaceDeclaration | ts.ClassDeclaration): string =>
  oneLine(source(node).text.slice(node.name?.getStart(), node.members.pos - 1))

const upTo = (node: ts.FunctionDeclaration, end = node.end): string =>
  bare(source(node).text.slice(node.getStart(), end).trim())

const bare = (text: string): string => text.replace(/^(?:export |declare |async )+/, '')
const source = (node: ts.Node): ts.SourceFile => node.getSourceFile()
const fence = (text: string): string => `\`\`\`typescript\n${text}\n\`\`\``
const oneLine = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/([(<]) | (?=[)>])/g, '$1')
    .replaceAll(/,(?=[)>])/g, '')
    .trim()
const isAbstract = (node: ts.ClassDeclaration): boolean => hasModifier(node, ts.SyntaxKind.AbstractKeyword)
const hasModifier = (node: ts.Node, kind: ts.SyntaxKind): boolean =>
  ts.canHaveModifiers(node) && (node.modifiers ?? []).some((each) => each.kind === kind)
