import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, inject, it } from 'vitest'
import { packedManifest } from '../../src/consumer.ts'
import { publicNames } from '../../src/exported-names.ts'
import { type Manifest, publishedPackages } from '../../src/manifest.ts'
import { moduleImports } from '../../src/module-imports.ts'
import { readTree, root } from '../../src/tree.ts'

const consumer = inject('consumer')
const specifiers = consumer.packages.flatMap((each) => each.specifiers)
const tree = readTree(root)
const names = new Map(
  publishedPackages(tree).flatMap((each) =>
    Object.entries(publicNames(tree, each)).map(
      ([subpath, found]) => [join(each.manifest.name, subpath), found] as const,
    ),
  ),
)

it.each(specifiers)('exports the values of its source from %s at run time', (specifier) => {
  const script = `console.log(JSON.stringify(Object.keys(await import('${specifier}')).toSorted()))`
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: consumer.folder,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  expect(JSON.parse(printed)).toEqual(names.get(specifier)?.values)
})

it('loads the main entry of testing without vitest', () => {
  const hooks = `import { registerHooks } from 'node:module'
    registerHooks({
      resolve: (specifier, context, next) => next(specifier === 'vitest' ? 'not-installed' : specifier, context),
    })`
  const load = (specifier: string): unknown =>
    execFileSync(process.execPath, ['--input-type=module', '--eval', `${hooks}; await import('${specifier}')`], {
      cwd: consumer.folder,
      stdio: 'pipe',
    })
  expect(() => load('@mcpclient/testing')).not.toThrow()
  expect(() => load('@mcpclient/testing/contract')).toThrow(/not-installed/)
})

const webFolders = /^packages\/(?:core|connectors\/[^/]+|families\/[^/]+)$/
const webPackages = publishedPackages(tree).filter(({ folder }) => webFolders.test(folder))
/** Entries that load a library of Node. */
const NODE_ENTRIES = new Set(['@mcpclient/core/undici', '@mcpclient/smtp/node'])
const webSpecifiers = specifiers.filter(
  (specifier) =>
    !NODE_ENTRIES.has(specifier) && webPackages.some(({ manifest }) => specifier.startsWith(manifest.name)),
)

it.each(webSpecifiers)('loads %s before fetch, crypto and the like are defined', (specifier) => {
  const later = ['fetch', 'crypto', 'Request', 'Response', 'Headers', 'process', 'Buffer']
  const script = `for (const name of ${JSON.stringify(later)}) delete globalThis[name]; await import('${specifier}')`
  const load = (): unknown =>
    execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: consumer.folder, stdio: 'pipe' })
  expect(load).not.toThrow()
})

const resolutions = [
  ['a bundler', { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }],
  ['Node', { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext }],
] as const

it.each(resolutions)('has consistent declarations for %s, with the exports of the sources', (_, resolution) => {
  const file = join(consumer.folder, 'consumer.ts')
  writeFileSync(
    file,
    specifiers.map((specifier, index) => `import * as m${index} from '${specifier}'\nm${index}\n`).join(''),
  )
  const program = ts.createProgram([file], {
    ...resolution,
    target: ts.ScriptTarget.ES2023,
    lib: [
      'lib.es2023.d.ts',
      'lib.esnext.disposable.d.ts',
      'lib.dom.d.ts',
      'lib.dom.iterable.d.ts',
      'lib.dom.asynciterable.d.ts',
    ],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    types: [],
  })
  const ours = program.getSourceFiles().filter(({ fileName }) => !isOfOthers(fileName))
  const problems = ours.flatMap((source) => [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ])
  expect(
    ts.formatDiagnostics(problems, {
      getCanonicalFileName: (name) => name,
      getCurrentDirectory: () => '',
      getNewLine: () => '\n',
    }),
  ).toBe('')

  const checker = program.getTypeChecker()
  const statements = program.getSourceFile(file)?.statements ?? []
  const declared = Object.fromEntries(
    statements.flatMap((statement) => {
      if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return []
      const symbol = checker.getSymbolAtLocation(statement.moduleSpecifier)
      const exported = symbol === undefined ? [] : checker.getExportsOfModule(symbol).map(({ name }) => name)
      return [[statement.moduleSpecifier.text, exported.toSorted()]]
    }),
  )
  const written = Object.fromEntries(
    specifiers.map((specifier) => {
      const { values = [], types = [] } = names.get(specifier) ?? {}
      return [specifier, [...new Set([...values, ...types])].toSorted()]
    }),
  )
  expect(declared).toEqual(written)
})

const isOfOthers = (fileName: string): boolean => {
  const last = fileName.split('/node_modules/').at(-1) ?? ''
  return fileName.includes('/node_modules/') && !last.startsWith('@mcpclient/')
}

it('reports the time of a cold import', () => {
  const script = (specifier: string): string =>
    `const began = performance.now(); await import('${specifier}'); console.log(performance.now() - began)`
  for (const specifier of ['@mcpclient/core', '@mcpclient/core/define']) {
    const times = Array.from({ length: 5 }, () =>
      Number(
        execFileSync(process.execPath, ['--input-type=module', '--eval', script(specifier)], { cwd: consumer.folder }),
      ),
    ).toSorted((one, other) => one - other)
    process.stdout.write(`cold import of ${specifier}: ${times[2]?.toFixed(1)} ms (median of 5)\n`)
    expect(times.every(Number.isFinite)).toBe(true)
  }
})

it('ships the sources of the source maps, or the licence of a copied package', () => {
  for (const { name } of consumer.packages) {
    const dist = join(consumer.folder, 'node_modules', name, 'dist')
    const notices = ts.sys.readFile(join(dist, 'THIRD-PARTY-NOTICES.txt')) ?? ''
    const maps = readdirSync(dist).filter((file) => file.endsWith('.js.map'))
    const sources = maps.flatMap(
      (map) => (JSON.parse(readFileSync(join(dist, map), 'utf8')) as { sources: readonly string[] }).sources,
    )
    expect(sources).not.toEqual([])
    for (const source of sources) {
      const [, copied] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source) ?? []
      if (copied === undefined) expect(ts.sys.fileExists(join(dist, source)), `${name}: ${source}`).toBe(true)
      else expect(notices, `${name}: ${source}`).toContain(`\n${copied} `)
    }
  }
})

it('imports only installed packages from the build', () => {
  for (const { name } of consumer.packages) {
    const { dependencies, peerDependencies } = JSON.parse(packedManifest(consumer, name)) as Manifest
    const known = Object.keys({ ...dependencies, ...peerDependencies })
    const dist = join(consumer.folder, 'node_modules', name, 'dist')
    const files = readdirSync(dist).filter((file) => /\.(?:js|d\.ts)$/.test(file))
    const imports = files.flatMap((file) => moduleImports(file, readFileSync(join(dist, file), 'utf8')))
    const others = imports.map(({ specifier }) => specifier).filter((specifier) => !/^(?:\.|node:)/.test(specifier))
    const unknown = others.filter((specifier) => !known.some((each) => `${specifier}/`.startsWith(`${each}/`)))
    expect(unknown, name).toEqual([])
  }
})
