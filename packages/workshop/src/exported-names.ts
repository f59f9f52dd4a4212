import { posix } from 'node:path'
import ts from 'typescript'
import type { WorkspacePackage } from './manifest.ts'
import { parseModule } from './module-imports.ts'
import type { Tree } from './tree.ts'

export interface ExportedNames {
  /** The names that exist at run time. */
  readonly values: readonly string[]
  readonly types: readonly string[]
}

/** Returns the public surface of a package, a list for each subpath, from its index files, which name everything. */
export function publicNames(
  tree: Tree,
  { folder, manifest }: WorkspacePackage,
): Readonly<Record<string, ExportedNames>> {
  return Object.fromEntries(
    Object.entries(manifest.exports ?? {}).map(([subpath, target]) => {
      const path = posix.join(folder, target['@mcpclient/source'])
      const text = tree.get(path)
      if (text === undefined) throw new Error(`${manifest.name} exports ${subpath}, but ${path} does not exist`)
      return [subpath, exportedNames(path, text)]
    }),
  )
}

/** Exact without a type checker: with verbatimModuleSyntax a type can only be re-exported as a type. */
export function exportedNames(path: string, text: string): ExportedNames {
  const values: string[] = []
  const types: string[] = []
  for (const statement of parseModule(path, text).statements) {
    if (ts.isExportDeclaration(statement)) {
      if (statement.exportClause === undefined || !ts.isNamedExports(statement.exportClause)) continue
      for (const { isTypeOnly, name } of statement.exportClause.elements) {
        ;(statement.isTypeOnly || isTypeOnly ? types : values).push(name.text)
      }
    } else if (isExported(statement)) {
      if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) types.push(statement.name.text)
      else if (ts.isVariableStatement(statement)) {
        for (const { name } of statement.declarationList.declarations) values.push(name.getText())
      } else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
        if (statement.name !== undefined) values.push(statement.name.text)
      }
    }
  }
  return { values: [...new Set(values)].toSorted(), types: [...new Set(types)].toSorted() }
}

const isExported = (node: ts.Statement): boolean =>
  ts.canHaveModifiers(node) && (node.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
