import type { Tree } from './tree.ts'

/** The fields of a package.json that this workspace reads. */
export interface Manifest {
  readonly name: string
  readonly version?: string
  readonly description?: string
  readonly private?: boolean
  readonly keywords?: readonly string[]
  readonly homepage?: string
  readonly bugs?: string
  readonly repository?: { readonly type: string; readonly url: string; readonly directory: string }
  readonly license?: string
  readonly type?: string
  readonly sideEffects?: boolean
  readonly engines?: Readonly<Record<string, string>>
  readonly files?: readonly string[]
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, ExportTarget>>
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** One subpath of an exports map: the source for this workspace, the build for all others. */
export interface ExportTarget {
  readonly '@mcpclient/source': string
  readonly types: string
  readonly default: string
}

export interface WorkspacePackage {
  /** Path from the root, e.g. `packages/connectors/slack`. */
  readonly folder: string
  readonly manifest: Manifest
}

const WORKSPACE_FOLDER =
  /^(?:packages\/(?:(?:connectors|families|jobs|secrets|stores)\/)?[^/]+|examples\/[^/]+)\/package\.json$/

/** Returns every package of the workspace but the root. */
export function workspacePackages(tree: Tree): readonly WorkspacePackage[] {
  return [...tree.keys()]
    .filter((path) => WORKSPACE_FOLDER.test(path))
    .toSorted()
    .map((path) => ({ folder: path.slice(0, -'/package.json'.length), manifest: readManifest(tree, path) }))
}

/** Returns the package that `npm create @mcpclient/connector` writes. Its manifest has a name that tools ignore. */
export function templatePackage(tree: Tree): WorkspacePackage | undefined {
  const folder = 'packages/create-connector/template'
  const path = `${folder}/_package.json`
  return tree.has(path) ? { folder, manifest: readManifest(tree, path) } : undefined
}

/** Returns the published packages. */
export function publishedPackages(tree: Tree): readonly WorkspacePackage[] {
  return workspacePackages(tree).filter(({ manifest }) => manifest.private !== true)
}

export function readManifest(tree: Tree, path: string): Manifest {
  const text = tree.get(path)
  if (text === undefined) throw new Error(`${path} is not in the tree`)
  return JSON.parse(text) as Manifest
}
