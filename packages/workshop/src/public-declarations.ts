import { posix } from 'node:path'
import ts from 'typescript'
import { parseModule } from './module-imports.ts'
import type { Tree } from './tree.ts'

export type Declaration =
  | ts.ClassDeclaration
  | ts.FunctionDeclaration
  | ts.InterfaceDeclaration
  | ts.TypeAliasDeclaration
  | ts.VariableDeclaration

/** A name with everything that declares it: the overloads of a function, a value and a type of one name. */
export interface Declared {
  readonly name: string
  readonly path: string
  readonly declarations: readonly Declaration[]
}

/** A name that another package exports. */
export interface Imported {
  readonly name: string
  readonly specifier: string
}

export interface ExportGroup {
  /** The comment above the group, else the folder that its first name comes from; empty for neither. */
  readonly title: string
  readonly exports: readonly { readonly name: string; readonly target: Declared | Imported | undefined }[]
}

/** Returns the names that an index exports, in the index's own order. An empty line begins the next group. */
export function exportGroups(tree: Tree, path: string): readonly ExportGroup[] {
  const source = moduleAt(tree, path)
  const groups: { title: string; exports: { name: string; target: Declared | Imported | undefined }[] }[] = []
  for (const statement of source.statements) {
    if (!ts.isExportDeclaration(statement)) continue
    const { exportClause, moduleSpecifier } = statement
    if (exportClause === undefined || !ts.isNamedExports(exportClause)) continue
    const above = source.text.slice(statement.pos, statement.getStart(source))
    const from = moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : ''
    if (groups.length === 0 || /\n\s*\n/.test(above)) {
      const folder = /^\.\/([^/]+)\//.exec(from)?.[1] ?? ''
      groups.push({ title: /^\/\/ (.+)$/m.exec(above)?.[1] ?? folder, exports: [] })
    }
    for (const { name, propertyName } of exportClause.elements) {
      const own = (propertyName ?? name).text
      groups.at(-1)?.exports.push({ name: name.text, target: follow(tree, path, from, own) })
    }
  }
  return groups
}

/** Returns what a name means inside a module, or undefined if the module neither declares nor imports it. */
export function declaredIn(tree: Tree, path: string, name: string): Declared | Imported | undefined {
  const source = moduleAt(tree, path)
  const declarations = source.statements.flatMap((statement) => declarationsOf(statement, name))
  if (declarations.length > 0) return { name, path, declarations }
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue
    const bindings = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : statement.exportClause
    const { moduleSpecifier } = statement
    if (bindings === undefined || moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) continue
    if (!ts.isNamedImports(bindings) && !ts.isNamedExports(bindings)) continue
    for (const element of bindings.elements) {
      if (element.name.text !== name) continue
      return follow(tree, path, moduleSpecifier.text, (element.propertyName ?? element.name).text)
    }
  }
  return undefined
}

function follow(tree: Tree, path: string, specifier: string, name: string): Declared | Imported | undefined {
  if (specifier === '') return declaredIn(tree, path, name)
  if (!specifier.startsWith('.')) return { name, specifier }
  return declaredIn(tree, posix.join(posix.dirname(path), specifier), name)
}

function declarationsOf(statement: ts.Statement, name: string): readonly Declaration[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.filter((each) => each.name.getText() === name)
  }
  const isNamed =
    ts.isClassDeclaration(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  return isNamed && statement.name?.text === name ? [statement] : []
}

function moduleAt(tree: Tree, path: string): ts.SourceFile {
  const text = tree.get(path)
  if (text === undefined) throw new Error(`${path} does not exist`)
  return parseModule(path, text)
}
