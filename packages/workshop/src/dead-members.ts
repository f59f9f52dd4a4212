import ts from 'typescript'
import { lineOf, parseModule } from './module-imports.ts'
import type { Tree } from './tree.ts'

const PUBLISHED = /^packages\/.*\/src\/.*\.[cm]?tsx?$/
const MODULE = /^(?:packages|examples)\/.*\.[cm]?tsx?$/
const REFERENCE = /^docs\/reference\/.*\.md$/
const TEST = /\.test(?:-d)?\.tsx?$/

/**
 * Returns the class members that neither a source nor the reference names. A test alone does not keep a member. Members of
 * a class that implements an interface are left out, because code outside this tree may call them.
 */
export function deadMembers(tree: Tree): readonly string[] {
  const members: { readonly name: string; readonly where: string }[] = []
  const used = new Set<string>()
  for (const [path, text] of tree) {
    if (REFERENCE.test(path)) for (const [word] of text.matchAll(/\w+/g)) used.add(word)
    if (!MODULE.test(path) || TEST.test(path)) continue
    const source = parseModule(path, text)
    const visit = (node: ts.Node): void => {
      const declared = PUBLISHED.test(path) ? memberName(node) : undefined
      if (declared !== undefined) members.push({ name: declared.text, where: `${path}:${lineOf(source, declared)}` })
      else if (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) used.add(node.text)
      ts.forEachChild(node, (child) => {
        if (child !== declared) visit(child)
      })
    }
    visit(source)
  }
  return members.filter(({ name }) => !used.has(name)).map(({ name, where }) => `${where}: nothing uses ${name}`)
}

function memberName(node: ts.Node): ts.Identifier | undefined {
  if (!ts.isMethodDeclaration(node) && !ts.isPropertyDeclaration(node) && !ts.isGetAccessor(node)) return undefined
  if (!ts.isIdentifier(node.name) || !ts.isClassLike(node.parent)) return undefined
  return node.parent.heritageClauses === undefined ? node.name : undefined
}
