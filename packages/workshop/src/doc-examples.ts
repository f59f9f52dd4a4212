import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

export interface DocExample {
  /** The file and the line: `docs/guide/x.md:12`. */
  readonly place: string
  readonly source: string
  /** Code that the example continues; empty if it stands alone. */
  readonly context: string
}

/**
 * Returns every block of TypeScript in a page. A block without an import continues the last block that has one, so a
 * page does not have to repeat its composition.
 */
export function examplesIn(path: string, text: string): readonly DocExample[] {
  const examples: DocExample[] = []
  let context = ''
  for (const match of text.matchAll(/^```ts\n(.*?)^```$/gms)) {
    const line = text.slice(0, match.index).split('\n').length + 1
    const source = match[1] ?? ''
    const standsAlone = /^import /m.test(source)
    if (standsAlone) context = source
    examples.push({ place: `${path}:${line}`, source, context: standsAlone ? '' : context })
  }
  return examples
}

/** Pages of a package that is not in the workspace: the test that creates one compiles their examples. */
const TEMPLATE = 'packages/create-connector/template'

/** Returns the pages of the project: everything in docs, and each package's README. */
export function pagesOf(root: string): readonly string[] {
  const found: string[] = []
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.startsWith('.')) continue
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (path === TEMPLATE) continue
      if (entry.isDirectory()) visit(path)
      else if (entry.name.endsWith('.md')) found.push(path)
    }
  }
  visit('')
  return found
}

/** Returns the examples of all pages. */
export const examplesOfPages = (root: string): readonly DocExample[] =>
  pagesOf(root).flatMap((path) => examplesIn(path, readFileSync(join(root, path), 'utf8')))

/**
 * Compiles each example as a module of its own, as strictly as the sources, and says what is wrong with it.
 * @param root the workspace's root; examples resolve packages as a file in it does
 * @param changed options that replace those of the sources
 */
export function compile(
  root: string,
  examples: readonly DocExample[],
  changed: ts.CompilerOptions = {},
): readonly string[] {
  const base = join(root, 'packages/workshop/tsconfig.json')
  const { config } = ts.readConfigFile(base, (path) => readFileSync(path, 'utf8')) as { config: unknown }
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, join(root, 'packages/workshop'))
  const options = { ...parsed.options, ...changed }
  const files = new Map(
    examples.map((example, index) => [join(root, `packages/workshop/example-${index}.ts`), example]),
  )
  const host = ts.createCompilerHost(options)
  const { readFile, fileExists, getSourceFile } = host
  host.fileExists = (path) => files.has(path) || fileExists(path)
  host.readFile = (path) => {
    const example = files.get(path)
    return example ? codeOf(example) : readFile(path)
  }
  host.getSourceFile = (path, language, ...rest) => {
    const example = files.get(path)
    // An example without an import is still a module.
    if (example) return ts.createSourceFile(path, `${codeOf(example)}\nexport {}\n`, language)
    return getSourceFile(path, language, ...rest)
  }
  const program = ts.createProgram([...files.keys()], options, host)
  return [...files].flatMap(([path, { place, context }]) => {
    const source = program.getSourceFile(path)
    const problems = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    return problems.map(({ messageText, start }) => {
      const before = context === '' ? 0 : context.split('\n').length
      const line = start === undefined ? 0 : (source?.getLineAndCharacterOfPosition(start).line ?? 0) + 1 - before
      return `${place} (line ${line} of the example): ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
    })
  })
}

/** Puts a continued example into a block of its own, where it may declare names of its context again. */
function codeOf({ source, context }: DocExample): string {
  return context === '' ? source : `${context}{\n${source}}`
}
