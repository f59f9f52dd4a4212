import { isBuiltin } from 'node:module'
import ts from 'typescript'
import { lineOf, moduleImports, parseModule } from './module-imports.ts'
import type { Tree } from './tree.ts'

/** Code that must also run in a browser and on an edge. */
const WEB_ONLY =
  /^packages\/(?!(?:core|connectors\/[^/]+)\/src\/(?:node|undici)(?:\.ts$|\/))(?:core|connectors\/[^/]+|create-connector\/template|families\/[^/]+|shapes|sync|webhooks)\/src\//
const NODE_GLOBALS = new Set(['Buffer', 'process', 'require', '__dirname', '__filename', 'setImmediate', 'global'])
const SOURCE = /^(?:packages|examples|docs)\/.*\.[cm]?tsx?$/
const FORBIDDEN_NAMES = /(?:^|\/)(?:utils?|helpers?|types?|common|misc)(?:\.[cm]?tsx?$|\/)/
const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|test-d|d|config))?\.[cm]?tsx?$/

/** Says in a sentence each where the sources leave the language that this workspace writes. */
export function languageViolations(tree: Tree): readonly string[] {
  return [...tree].filter(([path]) => SOURCE.test(path)).flatMap(([path, text]) => fileViolations(path, text))
}

function fileViolations(path: string, text: string): readonly string[] {
  const source = parseModule(path, text)
  const webOnly = WEB_ONLY.test(path)
  // Its reader asks for a default export.
  const isConfiguration = path.endsWith('.config.ts')
  const found: string[] = []
  const refuse = (node: ts.Node, what: string): void => void found.push(`${path}:${lineOf(source, node)}: ${what}`)

  if (FORBIDDEN_NAMES.test(path)) found.push(`${path}: a file is named for the one idea in it`)
  if (!KEBAB.test(path.slice(path.lastIndexOf('/') + 1))) found.push(`${path}: file names are kebab-case`)
  for (const match of text.matchAll(/@ts-(?:ignore|nocheck)/g)) {
    const { line } = source.getLineAndCharacterOfPosition(match.index)
    if (!insideString(source, match.index)) found.push(`${path}:${line + 1}: ${match[0]} hides an error`)
  }
  if (webOnly) {
    for (const { specifier, line } of moduleImports(path, text)) {
      if (isBuiltin(specifier)) found.push(`${path}:${line}: ${specifier} exists only in Node`)
    }
  }
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) refuse(node, 'any switches the types off')
    if (!isConfiguration && (ts.isExportAssignment(node) || hasDefaultModifier(node)))
      refuse(node, 'a default export has no name')
    if (ts.isExportSpecifier(node) && node.name.text === 'default') refuse(node, 'a default export has no name')
    if (ts.isExportDeclaration(node) && (node.exportClause === undefined || ts.isNamespaceExport(node.exportClause))) {
      refuse(node, 'export * hides what is public: list the names')
    }
    if (ts.isImportDeclaration(node) && importsWholeZod(node))
      refuse(node, "write import * as z from 'zod': { z } is 65 KB more")
    if (ts.isInterfaceDeclaration(node) && /^I[A-Z][a-z]/.test(node.name.text)) refuse(node, 'no I prefix')
    if (webOnly && ts.isIdentifier(node) && NODE_GLOBALS.has(node.text) && isReference(node)) {
      refuse(node, `${node.text} exists only in Node`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const hasDefaultModifier = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) && (node.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)

/** `z` and the default are objects that hold all of zod, locales too, so a bundler cannot leave anything of it out. */
function importsWholeZod({ moduleSpecifier, importClause }: ts.ImportDeclaration): boolean {
  if (!ts.isStringLiteral(moduleSpecifier) || !/^zod(?:\/|$)/.test(moduleSpecifier.text)) return false
  const bindings = importClause?.namedBindings
  const named = bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements : []
  return importClause?.name !== undefined || named.some(({ name, propertyName }) => (propertyName ?? name).text === 'z')
}

/** True where the name stands for a value of the surroundings, not for a property or for something declared here. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node || isGlobalThis(parent.expression)
  if (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isPropertyDeclaration(parent)) {
    return 'initializer' in parent && parent.initializer === node
  }
  if (ts.isMethodDeclaration(parent) || ts.isMethodSignature(parent)) return false
  if (ts.isVariableDeclaration(parent) || ts.isParameter(parent)) return parent.initializer === node
  if (ts.isBindingElement(parent) || ts.isFunctionDeclaration(parent) || ts.isTypeReferenceNode(parent)) return false
  return true
}

const isGlobalThis = (node: ts.Expression): boolean => ts.isIdentifier(node) && node.text === 'globalThis'

function insideString(source: ts.SourceFile, position: number): boolean {
  const at = (node: ts.Node): boolean =>
    node.getStart(source) <= position && position < node.end
      ? ts.isStringLiteralLike(node) || ts.isRegularExpressionLiteral(node) || (ts.forEachChild(node, at) ?? false)
      : false
  return at(source)
}
