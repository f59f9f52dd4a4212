import { posix } from 'node:path'
import { type ExportTarget, type Manifest, type WorkspacePackage, workspacePackages } from './manifest.ts'
import type { Tree } from './tree.ts'

/** The entries of the root, except dot files. The README explains each. */
const TOP_LEVEL = [
  'CONTRIBUTING.md',
  'LICENSE',
  'README.md',
  'docs',
  'examples',
  'package.json',
  'packages',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'tsconfig.base.json',
  'vitest.workspace.ts',
]
const DOTTED = ['.changeset', '.ci', '.editorconfig', '.gitattributes', '.gitignore', '.oxfmtrc.json', '.oxlintrc.json']
/** The files of a machine, an editor or a tool, which .gitignore excludes. */
const LEFT_BEHIND = ['.DS_Store', '.git', '.idea', '.vscode', 'coverage', 'node_modules']

const LICENSE = 'MIT'
const ENGINE = '>=22.13'
/** The names of packages by role that differ from their folder. */
const NAME_SUFFIXES: Readonly<Record<string, string>> = { secrets: '-secrets' }
/** The published contract that every package of a role runs in its tests. */
const CONTRACTS: Readonly<Record<string, string>> = {
  connectors: 'connectorContract',
  jobs: 'jobQueueContract',
  stores: 'storeContract',
}
const NAME = /^@mcpclient\/[a-z0-9]+(?:-[a-z0-9]+)*$/
/** The URL of the published source. The page of a package on a registry shows its README, so its links start with this. */
export const REPOSITORY = 'https://github.com/mcpclient/mcpclient'
const KEYS = [
  'name',
  'version',
  'description',
  'keywords',
  'homepage',
  'bugs',
  'license',
  'repository',
  'type',
  'sideEffects',
  'engines',
  'files',
  'bin',
  'exports',
  'scripts',
  'dependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'devDependencies',
]
const PRIVATE_KEYS = [
  'name',
  // A package is packed only if what it is tested with has a version.
  'version',
  'private',
  'description',
  'license',
  'type',
  'bin',
  'exports',
  'dependencies',
  'devDependencies',
]

/** Says in a sentence each where the tree has another form than every package and the root have. */
export function shapeViolations(tree: Tree, topLevel: readonly string[]): readonly string[] {
  return [...topLevelViolations(topLevel), ...workspacePackages(tree).flatMap((each) => packageViolations(tree, each))]
}

function topLevelViolations(names: readonly string[]): readonly string[] {
  const expected = [...TOP_LEVEL, ...DOTTED]
  return [
    ...names
      .filter((name) => !expected.includes(name) && !LEFT_BEHIND.includes(name))
      .map((name) => `${name} does not belong at the top`),
    ...expected.filter((name) => !names.includes(name)).map((name) => `${name} is missing at the top`),
  ]
}

function packageViolations(tree: Tree, each: WorkspacePackage): readonly string[] {
  const { folder, manifest } = each
  const found = [
    ...(manifest.private === true ? [] : publishedViolations(tree, each)),
    ...Object.keys(manifest)
      .filter((key) => !(manifest.private === true ? PRIVATE_KEYS : KEYS).includes(key))
      .map((key) => `package.json has ${key}`),
    ...versionViolations(manifest),
  ]
  if (!NAME.test(manifest.name)) found.push(`its name ${manifest.name} is not @mcpclient/ and kebab-case`)
  if (manifest.license !== LICENSE) found.push(`its license is not ${LICENSE}`)
  if (manifest.type !== 'module') found.push('its type is not module')
  const configuration = tree.get(`${folder}/tsconfig.json`)
  if (configuration === undefined || !isMinimal(configuration, folder)) {
    found.push('its tsconfig.json is more than an extends of the base (and types: ["node"])')
  }
  const copies = [...tree.keys()].filter(
    (path) => posix.dirname(path) === folder && /(?:^|\/)(?:tsup|vite|vitest|eslint|prettier|\.ox)[^/]*$/.test(path),
  )
  if (folder !== 'packages/workshop') found.push(...copies.map((path) => `${path} repeats what the workshop holds`))
  return found.map((what) => `${folder}: ${what}`)
}

function publishedViolations(tree: Tree, { folder, manifest }: WorkspacePackage): readonly string[] {
  const found: string[] = []
  const files = [...tree.keys()]
  if (!folder.startsWith('packages/')) found.push('only packages/ holds what is published: set "private": true')
  const [, role = '', own = role] = folder.split('/')
  const name = `@mcpclient/${own}${NAME_SUFFIXES[role] ?? ''}`
  if (manifest.name !== name) found.push(`its name is not its folder: it should be ${name}`)
  if (!/^\d+\.\d+\.\d+$/.test(manifest.version ?? '')) found.push('it has no version')
  if ((manifest.description ?? '').length < 20) found.push('it has no description')
  if (manifest.sideEffects !== false) found.push('it does not say "sideEffects": false')
  if (manifest.engines?.['node'] !== ENGINE) found.push(`its engines are not { "node": "${ENGINE}" }`)
  const shipped = ['CHANGELOG.md', 'dist', 'src']
  if (files.some((path) => path.startsWith(`${folder}/template/`))) shipped.push('template')
  if (manifest.files?.join() !== shipped.join()) found.push(`its files are not ${shipped.join(', ')}`)
  found.push(...metadataViolations(folder, manifest))
  if (!tree.has(`${folder}/CHANGELOG.md`)) found.push('it has no CHANGELOG.md')
  if (!tree.has(`${folder}/README.md`)) found.push('it has no README.md')
  if (!files.some((path) => path.startsWith(`${folder}/test/`) && /\.test\.ts$/.test(path)))
    found.push('it has no test')
  const contract = CONTRACTS[role]
  if (contract !== undefined && !runs(tree, `${folder}/test/`, contract)) found.push(`no test of it runs ${contract}`)
  const subpaths = Object.entries(manifest.exports ?? {})
  if (!subpaths.some(([subpath]) => subpath === '.')) found.push('it does not export "."')
  for (const [subpath, target] of subpaths) {
    if (!isRegular(target))
      found.push(`its exports["${subpath}"] is not { @mcpclient/source, types, default } in order`)
    else if (!tree.has(posix.join(folder, target['@mcpclient/source']))) {
      found.push(`its exports["${subpath}"] names a source that does not exist`)
    }
  }
  for (const program of Object.values(manifest.bin ?? {})) {
    const [, path] = /^dist\/(.+)\.js$/.exec(program) ?? []
    if (path === undefined || !tree.has(`${folder}/src/${path}.ts`))
      found.push(`its bin ${program} has no source in src`)
  }
  return found
}

function runs(tree: Tree, tests: string, contract: string): boolean {
  return [...tree].some(([path, text]) => path.startsWith(tests) && text.includes(`${contract}(`))
}

/** Checks what a registry shows of a package, and the script that keeps npm from packing it. */
function metadataViolations(folder: string, manifest: Manifest): readonly string[] {
  const up = folder
    .split('/')
    .slice(1)
    .map(() => '..')
    .join('/')
  const expected = {
    homepage: `${REPOSITORY}/tree/main/${folder}#readme`,
    bugs: `${REPOSITORY}/issues`,
    repository: { type: 'git', url: `git+${REPOSITORY}.git`, directory: folder },
    scripts: { prepack: `node ${up}/workshop/bin/prepack.mjs` },
  }
  const found = Object.entries(expected)
    .filter(([key, value]) => JSON.stringify(manifest[key as keyof Manifest]) !== JSON.stringify(value))
    .map(([key, value]) => `its ${key} is not ${JSON.stringify(value)}`)
  if ((manifest.keywords ?? []).length < 3) found.push('it has fewer than three keywords')
  return found
}

/**
 * Returns the links of a package's README that would be dead on a registry's page: relative ones, and those into the
 * repository that lead nowhere.
 * @param exists returns whether a path from the root exists
 */
export function deadLinks(readme: string, exists: (path: string) => boolean): readonly string[] {
  const targets = [...readme.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  return targets.filter((target) => {
    const [, path] = new RegExp(`^${REPOSITORY}/(?:tree|blob)/main/([^#]+)`).exec(target) ?? []
    if (path !== undefined) return !exists(path)
    return !/^(?:https?:|mailto:|#)/.test(target)
  })
}

function isRegular(target: ExportTarget): boolean {
  const [, path] = /^\.\/src\/(.+)\.tsx?$/.exec(target['@mcpclient/source'] ?? '') ?? []
  return (
    path !== undefined &&
    Object.keys(target).join() === '@mcpclient/source,types,default' &&
    target.types === `./dist/${path}.d.ts` &&
    target.default === `./dist/${path}.js`
  )
}

/** Versions stand once, in the catalog; a peer range is a promise to hosts, so it may be written out. */
function versionViolations({ dependencies, devDependencies, peerDependencies }: Manifest): readonly string[] {
  const wrong = (list: Readonly<Record<string, string>> | undefined, allowed: RegExp): readonly string[] =>
    Object.entries(list ?? {})
      .filter(([name, version]) => !(name.startsWith('@mcpclient/') ? /^workspace:[\^*]$/ : allowed).test(version))
      .map(([name, version]) => `it asks for ${name} ${version}: versions stand in the catalog`)
  const only = /^catalog:$/
  return [
    ...wrong(dependencies, only),
    ...wrong(devDependencies, only),
    ...wrong(peerDependencies, /^(?:catalog:|[\^>~])/),
  ]
}

function isMinimal(text: string, folder: string): boolean {
  const up = folder.replaceAll(/[^/]+/g, '..')
  const base = `${up}/tsconfig.base.json`
  const given = JSON.stringify(JSON.parse(text))
  return [{ extends: base }, { extends: base, compilerOptions: { types: ['node'] } }].some(
    (allowed) => JSON.stringify(allowed) === given,
  )
}
