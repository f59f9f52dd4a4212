import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { inlined } from './inlined.ts'
import { readManifest, templatePackage, type WorkspacePackage, workspacePackages } from './manifest.ts'
import { type ModuleImport, moduleImports } from './module-imports.ts'
import type { Tree } from './tree.ts'

interface Rule {
  readonly role: string
  /** Matches the file's path from the root; the first rule that matches a file is its rule. */
  readonly files: RegExp
  /** The packages of this workspace that it may import besides itself; `'published'` is every public one. */
  readonly ours: RegExp | 'published'
  /** Whether `node:*` may be named: true, or only in the files that match. */
  readonly node: boolean | RegExp
}

/** The private package with which the examples print. No other package may import it. */
const SHARED_BY_EXAMPLES = '@mcpclient/example-report'
const NOTHING = /(?!)/
const DEFINE = /^@mcpclient\/core\/define$/
const CORE = /^@mcpclient\/core(?:\/|$)/
const TESTED = /^@mcpclient\/(?:core|testing|testkit)(?:\/|$)/
/** `@mcpclient/core/node` and `@mcpclient/core/undici`; no other subpath. */
const CORE_FOR_NODE = /^packages\/core\/src\/(?:node|undici)(?:\.ts$|\/)/
/** Schemes by which providers sign deliveries. */
const SCHEMES = /^@mcpclient\/webhooks\/schemes$/
/** The engine that runs the syncs of connectors. */
const SYNC = /^@mcpclient\/sync$/
/** The receiver of the deliveries of connectors, and its schemes. */
const WEBHOOKS = /^@mcpclient\/webhooks(?:\/|$)/
/** Shapes that several connectors share. */
const SHAPES = /^@mcpclient\/shapes(?:\/chat)?$/
const FAMILY = /^@mcpclient\/(?:google|microsoft|meta)(?:\/|$)/
/** The connectors among which a selector chooses. */
const MODELS = /^@mcpclient\/(?:anthropic|openai)$/
const either = (...patterns: readonly RegExp[]): RegExp => new RegExp(patterns.map(({ source }) => source).join('|'))

/** Matches a folder of the connectors, including the one that `npm create @mcpclient/connector` writes. */
const inConnector = (folder: string): RegExp =>
  new RegExp(`^packages/(?:connectors/[^/]+|create-connector/template)/${folder}/`)

/** The allowed imports. A package that runs outside Node has a separate subpath for code that needs Node. */
const rules: readonly Rule[] = [
  { role: 'core', files: /^packages\/core\/src\//, ours: NOTHING, node: CORE_FOR_NODE },
  { role: 'family', files: /^packages\/families\/[^/]+\/src\//, ours: either(DEFINE, SCHEMES), node: false },
  { role: 'selector', files: /^packages\/connectors\/ai-chat\/src\//, ours: either(DEFINE, MODELS), node: false },
  {
    role: 'connector for Node',
    files: /^packages\/connectors\/[^/]+\/src\/node(?:\.ts$|\/)/,
    ours: either(CORE, SHAPES),
    node: true,
  },
  { role: 'local service', files: /^packages\/connectors\/todo\/src\//, ours: CORE, node: false },
  { role: 'connector', files: inConnector('src'), ours: either(DEFINE, FAMILY, SCHEMES, SHAPES), node: false },
  { role: 'shapes', files: /^packages\/shapes\/src\//, ours: DEFINE, node: false },
  { role: 'mcp', files: /^packages\/mcp\/src\//, ours: CORE, node: /\/src\/(?:stdio|node)(?:\/|[-.])/ },
  { role: 'sync', files: /^packages\/sync\/src\//, ours: CORE, node: false },
  { role: 'generator', files: /^packages\/create-connector\/src\//, ours: NOTHING, node: true },
  { role: 'webhooks', files: /^packages\/webhooks\/src\//, ours: CORE, node: false },
  { role: 'testing', files: /^packages\/testing\/src\//, ours: CORE, node: true },
  { role: 'testkit', files: /^packages\/testkit\/src\//, ours: either(TESTED, SYNC), node: true },
  { role: 'secrets', files: /^packages\/secrets\/[^/]+\/src\//, ours: CORE, node: true },
  { role: 'job queue', files: /^packages\/jobs\/[^/]+\/src\//, ours: CORE, node: true },
  { role: 'store', files: /^packages\/stores\/[^/]+\/src\//, ours: CORE, node: true },
  { role: 'http', files: /^packages\/http\/src\//, ours: CORE, node: false },
  { role: 'ai', files: /^packages\/ai\/src\//, ours: CORE, node: false },
  { role: 'opentelemetry', files: /^packages\/opentelemetry\/src\//, ours: CORE, node: false },
  { role: 'react', files: /^packages\/react\/src\//, ours: /^@mcpclient\/http(?:\/|$)/, node: false },
  {
    role: 'local service test',
    files: /^packages\/connectors\/todo\/test\//,
    ours: either(TESTED, /^@mcpclient\/sqlite$/),
    node: true,
  },
  {
    role: 'connector test',
    files: inConnector('test'),
    ours: either(TESTED, FAMILY, SYNC, WEBHOOKS, SHAPES),
    node: true,
  },
  { role: 'workshop', files: /^packages\/workshop\//, ours: 'published', node: true },
  { role: 'test', files: /^packages\/[^/]+(?:\/[^/]+)?\/test\//, ours: TESTED, node: true },
  { role: 'bench', files: /^packages\/bench\//, ours: 'published', node: true },
  { role: 'example', files: /^(?:examples|docs)\//, ours: 'published', node: true },
  { role: 'configuration', files: /^[^/]+$/, ours: NOTHING, node: true },
]

export interface LayeredSources {
  readonly name: string
  readonly folder: string
  /** Files and folders, from the host down. A file imports from its own layer or a lower one, types included. */
  readonly layers: readonly (readonly string[])[]
}

export const layeredSources: readonly LayeredSources[] = [
  {
    name: 'core',
    folder: 'packages/core/src/',
    layers: [
      [
        'index.ts',
        'define.ts',
        'envelope.ts',
        'jobs.ts',
        'node.ts',
        'oauth.ts',
        'secrets.ts',
        'transports.ts',
        'undici.ts',
        'vault.ts',
      ],
      ['jobs'],
      ['client', 'envelope'],
      ['pipeline'],
      ['vault'],
      ['oauth', 'connector'],
      ['auth'],
      ['resilience', 'redaction', 'transports', 'undici', 'secrets', 'encryption', 'node'],
      ['ports'],
      ['identity', 'errors', 'encoding'],
    ],
  },
  {
    name: 'mcp',
    folder: 'packages/mcp/src/',
    layers: [
      ['index.ts'],
      ['mcp-server.ts', 'mcp-process.ts'],
      ['mcp-server-client.ts'],
      ['client'],
      ['session', 'http', 'stdio'],
      ['protocol', 'options.ts'],
      ['tools'],
      ['results', 'elicitation', 'auth'],
      ['wire', 'json-schema', 'failures'],
    ],
  },
  {
    name: 'webhooks',
    folder: 'packages/webhooks/src/',
    layers: [
      ['index.ts', 'cron.ts', 'schemes.ts', 'testing.ts'],
      ['webhooks.ts'],
      ['receiver.ts'],
      ['handover.ts', 'subscriptions.ts', 'delivery-secrets.ts'],
      ['dispatcher.ts', 'sightings.ts', 'addresses.ts'],
      ['subscription-notices.ts'],
      ['subscription-handle.ts', 'subscription-rows.ts'],
      ['verify-request.ts', 'endpoints.ts', 'channels.ts', 'claims.ts', 'parking.ts'],
      ['channel-secret.ts', 'unverified.ts'],
      ['active-secrets.ts', 'announce.ts', 'delivery.ts', 'read-body.ts', 'signed-request.ts'],
      ['schemes'],
      ['verification'],
    ],
  },
]

/** Matches the modules that an MCP server needs with its first connection only. */
const MCP_CONNECTION = /^(?:@modelcontextprotocol\/client|@mcpclient\/core\/oauth|cross-spawn)(?:\/|$)/

/** Modules that loading an entry must not load: they load on first use with `import()`, or the caller passes them in. */
const lateModules: readonly { readonly entry: string; readonly late: RegExp }[] = [
  { entry: 'packages/core/src/index.ts', late: /^(?:zod|ky|undici|oauth4webapi|jose)(?:\/|$)/ },
  { entry: 'packages/core/src/define.ts', late: /^(?:zod|ky|undici|oauth4webapi|jose)(?:\/|$)/ },
  { entry: 'packages/mcp/src/index.ts', late: MCP_CONNECTION },
  { entry: 'packages/mcp/src/mcp-process.ts', late: MCP_CONNECTION },
  { entry: 'packages/webhooks/src/schemes.ts', late: /^jose(?:\/|$)/ },
]

/** Modules that an entry must not reach at all, types and `import()` included: a host may not have them. */
const foreignModules: readonly { readonly entry: string; readonly foreign: RegExp }[] = [
  { entry: 'packages/testing/src/index.ts', foreign: /^vitest(?:\/|$)/ },
]

/** Rooms of core that the main entry must not load, `import()` included: a host composes them from entries of their own. */
const MAIN_ENTRY = 'packages/core/src/index.ts'
const COMPOSED_ROOMS = /\/(?:vault|oauth|encryption|secrets|jobs)\//

const SOURCE = /\.(?:[cm]?ts|tsx|mjs|js)$/

/** Says in a sentence each what a tree does against the tables above; an empty list is a good tree. */
export function boundaryViolations(tree: Tree): readonly string[] {
  const files = [...tree].filter(([path]) => SOURCE.test(path) && /^(?:packages|examples|docs)\//.test(path))
  const modules = new Map(files.map(([path, text]) => [path, moduleImports(path, text)] as const))
  const judge = fileJudge(tree)
  return [
    ...[...modules].flatMap(([path, imports]) => judge(path, imports)),
    ...[...modules].flatMap(([path, imports]) => layerViolations(path, imports)),
    ...cycleViolations(modules),
    ...lateModules.flatMap(({ entry, late }) => reachViolations(modules, entry, late, loads, 'loads')),
    ...reachViolations(modules, MAIN_ENTRY, COMPOSED_ROOMS, ({ typeOnly }) => !typeOnly, 'loads'),
    ...foreignModules.flatMap(({ entry, foreign }) => reachViolations(modules, entry, foreign, () => true, 'reaches')),
  ]
}

type Judge = (path: string, imports: readonly ModuleImport[]) => readonly string[]

function fileJudge(tree: Tree): Judge {
  const packages = workspacePackages(tree)
  const template = templatePackage(tree)
  const owners = template === undefined ? packages : [template, ...packages]
  const workspace = readManifest(tree, 'package.json')
  return (path, imports) => {
    const rule = rules.find(({ files }) => files.test(path))
    if (rule === undefined) return imports.length === 0 ? [] : [`${path}: no rule says what it may import`]
    const owner = owners.find(({ folder }) => path.startsWith(`${folder}/`))
    const source = path.includes('/src/')
    const declared = declaredBy(owner, workspace.devDependencies, source)
    return imports.flatMap(({ specifier, line }) => {
      const name = packageName(specifier)
      const refuse = (why: string): readonly string[] => [
        `${path}:${line}: a ${rule.role} may not import ${specifier}: ${why}`,
      ]
      if (specifier.startsWith('.')) {
        const target = posix.join(posix.dirname(path), specifier)
        if (owner !== undefined && !target.startsWith(`${owner.folder}/`)) return refuse('it is in another package')
        return tree.has(target) || !SOURCE.test(specifier) ? [] : refuse('it does not exist')
      }
      if (isBuiltin(specifier)) {
        if (!specifier.startsWith('node:')) return refuse(`write node:${specifier}`)
        return rule.node === true || (rule.node instanceof RegExp && rule.node.test(path))
          ? []
          : refuse('it needs Node')
      }
      if (name.startsWith('@mcpclient/')) {
        if (name === owner?.manifest.name) return source ? refuse('use a relative path') : []
        if (rule.ours instanceof RegExp && !rule.ours.test(specifier)) return refuse('the table does not allow it')
        const target = packages.find(({ manifest }) => manifest.name === name)?.manifest
        const shared = rule.role === 'example' && name === SHARED_BY_EXAMPLES
        if (rule.ours === 'published' && target?.private === true && !shared) return refuse('it is private')
      }
      return declared.has(name) ? [] : refuse('package.json does not list it')
    })
  }
}

/**
 * Returns whether an import is declared. An import of a source must be installed with its package or copied into it.
 * Other files may also use the dependencies of the workspace.
 */
function declaredBy(
  owner: WorkspacePackage | undefined,
  workspace: Readonly<Record<string, string>> | undefined,
  source: boolean,
): ReadonlySet<string> {
  const { dependencies, peerDependencies, devDependencies } = owner?.manifest ?? {}
  const shipped = source && owner?.manifest.private !== true
  const beside = Object.keys({ ...devDependencies, ...(shipped ? undefined : workspace) })
  return new Set([
    ...Object.keys({ ...dependencies, ...peerDependencies }),
    ...beside.filter((name) => !shipped || inlined.has(name)),
  ])
}

const packageName = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

function layerViolations(path: string, imports: readonly ModuleImport[]): readonly string[] {
  const sources = layeredSources.find(({ folder }) => path.startsWith(folder))
  if (sources === undefined) return []
  const { name, folder } = sources
  const layer = layerOf(path, sources)
  if (layer === -1) return [`${path}: no layer of ${name} holds it`]
  return imports.flatMap(({ specifier, line }) => {
    const target = posix.join(posix.dirname(path), specifier)
    if (!specifier.startsWith('.') || !target.startsWith(folder)) return []
    const below = layerOf(target, sources)
    return below === -1 || below >= layer ? [] : [`${path}:${line}: ${specifier} is in a higher layer of ${name}`]
  })
}

function layerOf(path: string, { folder, layers }: LayeredSources): number {
  const [inside = ''] = path.slice(folder.length).split('/')
  return layers.findIndex((layer) => layer.includes(inside))
}

type Modules = ReadonlyMap<string, readonly ModuleImport[]>

/** Returns whether an import loads its module together with the file. */
const loads = ({ typeOnly, dynamic }: ModuleImport): boolean => !typeOnly && !dynamic

/** Returns the files of its own package that a file imports. */
function imported(modules: Modules, path: string, counts: (each: ModuleImport) => boolean = loads): readonly string[] {
  return (modules.get(path) ?? [])
    .filter((each) => each.specifier.startsWith('.') && counts(each))
    .map(({ specifier }) => posix.join(posix.dirname(path), specifier))
}

/** Finds cycles. Types count in sources, because a type that two files need from each other belongs in a third one. */
function cycleViolations(modules: Modules): readonly string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) return void found.push(`cycle: ${[...trail.slice(start), path].join(' -> ')}`)
    if (done.has(path)) return
    const counts = path.includes('/src/') ? () => true : loads
    for (const next of imported(modules, path, counts)) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of modules.keys()) visit(path, [])
  return found
}

function reachViolations(
  modules: Modules,
  entry: string,
  forbidden: RegExp,
  counts: (each: ModuleImport) => boolean,
  verb: string,
): readonly string[] {
  const reached = new Set([entry])
  const found: string[] = []
  for (const path of reached) {
    for (const each of modules.get(path) ?? []) {
      if (counts(each) && forbidden.test(each.specifier))
        found.push(`${entry} ${verb} ${each.specifier}, by way of ${path}`)
    }
    for (const next of imported(modules, path, counts)) reached.add(next)
  }
  return found
}
