import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { publishedPackages } from './manifest.ts'
import { packPackages } from './pack.ts'
import { readTree, root } from './tree.ts'

export interface Consumer {
  /** A folder with the packed packages under node_modules, as after an install from a registry. */
  readonly folder: string
  readonly packages: readonly Packed[]
}

export interface Packed {
  readonly name: string
  /** The tarball that would be published. */
  readonly tarball: string
  /** Every specifier that a host or author may import. */
  readonly specifiers: readonly string[]
}

/**
 * Builds what is older than its sources, packs it, and lays it out as an install would.
 * @param only the packages wanted; every published one if absent
 */
export async function createConsumer(folder: string, only?: readonly string[]): Promise<Consumer> {
  const published = publishedPackages(readTree(root)).filter(({ manifest }) => only?.includes(manifest.name) ?? true)
  const modules = join(folder, 'node_modules')
  const tarballs = join(folder, 'tarballs')
  await packPackages(published, tarballs)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }\n')

  for (const { folder: source } of published) linkDependencies(join(root, source, 'node_modules'), modules)
  const packages = published.map(({ manifest }): Packed => {
    const tarball = join(tarballs, `${manifest.name.slice(1).replace('/', '-')}-${manifest.version}.tgz`)
    const target = join(modules, manifest.name)
    mkdirSync(target, { recursive: true })
    execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'])
    const specifiers = Object.keys(manifest.exports ?? {}).map((subpath) => posix.join(manifest.name, subpath))
    return { name: manifest.name, tarball, specifiers }
  })
  return { folder, packages }
}

/** Resolves the dependencies of the packages from this workspace's install: the catalog has one version of each. */
function linkDependencies(from: string, to: string): void {
  if (!existsSync(from)) return
  for (const name of readdirSync(from).filter((entry) => !entry.startsWith('.') && entry !== '@mcpclient')) {
    const source = join(from, name)
    if (name.startsWith('@')) {
      linkDependencies(source, join(to, name))
    } else if (!existsSync(join(to, name))) {
      mkdirSync(to, { recursive: true })
      rmSync(join(to, name), { force: true })
      symlinkSync(source, join(to, name), 'junction')
    }
  }
}

/** Returns the manifest as packed, with versions instead of `workspace:` and `catalog:`. */
export function packedManifest(consumer: Consumer, name: string): string {
  return readFileSync(join(consumer.folder, 'node_modules', name, 'package.json'), 'utf8')
}
