import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

export interface DocExample {
  /** Where it stands: `docs/guide/x.md:12`. */
  readonly place: string
  readonly source: string
}

/** Every block of TypeScript in a page. */
export function examplesIn(path: string, text: string): readonly DocExample[] {
  const examples: DocExample[] = []
  for (const match of text.matchAll(/^```ts\n(.*?)^```$/gms)) {
    const line = text.slice(0, match.index).split('\n').length + 1
    examples.push({ place: `${path}:${line}`, source: match[1] ?? '' })
  }
  return examples
}

/** Pages of a package that is not in the workspace: the test that creates one compiles their examples. */
const TEMPLATE = 'packages/create-connector/template'

/** The pages of the project: everything in docs, and each package's README. */
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

/**
 * Compiles each example as a module of its own, as strictly as the sources, and says what is wrong with it.
 * @param root the workspace's root; examples resolve packages as a file in it does
 */
export function compile(root: string, examples: readonly DocExample[]): readonly string[] {
  const base = join(root, 'packages/workshop/tsconfig.json')
  const { config } = ts.readConfigFile(base, (path) => readFileSync(path, 'utf8')) as { config: unknown }
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, join(root, 'packages/workshop'))
  const files = new Map(
    examples.map((example, index) => [join(root, `packages/workshop/example-${index}.ts`), example]),
  )
  const host = ts.createCompilerHost(options)
  const { readFile, fileExists, getSourceFile } = host
  host.fileExists = (path) => files.has(path) || fileExists(path)
  host.readFile = (path) => files.get(path)?.source ?? readFile(path)
  host.getSourceFile = (path, language, ...rest) => {
    const example = files.get(path)
    // An example without an import is still a module.
    if (example) return ts.createSourceFile(path, `${example.source}\nexport {}\n`, language)
    return getSourceFile(path, language, ...rest)
  }
  const program = ts.createProgram([...files.keys()], options, host)
  return [...files].flatMap(([path, { place }]) => {
    const source = program.getSourceFile(path)
    const problems = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    return problems.map(({ messageText, start }) => {
      const line = start === undefined ? 0 : (source?.getLineAndCharacterOfPosition(start).line ?? 0) + 1
      return `${place} (line ${line} of the example): ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
    })
  })
}
