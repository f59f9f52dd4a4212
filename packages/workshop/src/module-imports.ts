import ts from 'typescript'

export interface ModuleImport {
  readonly specifier: string
  /** `import type` and `import('x').T`: gone at run time. `import { type A }` stays, as an import for its side effects. */
  readonly typeOnly: boolean
  /** `import()`: run when asked for, so it costs nothing at load. */
  readonly dynamic: boolean
  readonly line: number
}

const parsed = new Map<string, { text: string; source: ts.SourceFile }>()

/** Parses once for all rules that ask about the same file. */
export function parseModule(path: string, text: string): ts.SourceFile {
  const known = parsed.get(path)
  if (known?.text === text) return known.source
  const kind = path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind)
  parsed.set(path, { text, source })
  return source
}

export const lineOf = (source: ts.SourceFile, node: ts.Node): number =>
  source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1

/** Returns every module that a file imports, in any form. */
export function moduleImports(path: string, text: string): readonly ModuleImport[] {
  const source = parseModule(path, text)
  const found: ModuleImport[] = []
  const add = (node: ts.Node, specifier: ts.Node | undefined, typeOnly: boolean, dynamic: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return
    found.push({ specifier: specifier.text, typeOnly, dynamic, line: lineOf(source, node) })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node, node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword, false)
    } else if (ts.isExportDeclaration(node)) {
      add(node, node.moduleSpecifier, node.isTypeOnly, false)
    } else if (ts.isImportTypeNode(node)) {
      add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true, false)
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], false, true)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}
