import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { pnpm } from '../bin/pnpm.mjs'
import { buildPackages } from './build.ts'
import { publishedPackages, type WorkspacePackage } from './manifest.ts'
import { readTree, root } from './tree.ts'

/** Builds what is older than its sources, and writes the tarballs that would be published into a folder. */
export async function packPackages(packages: readonly WorkspacePackage[], folder: string): Promise<void> {
  await buildPackages(packages.filter(isStale))
  mkdirSync(folder, { recursive: true })
  const filters = packages.map(({ manifest }) => `--filter=${manifest.name}`)
  const { status, stdout, stderr } = pnpm([...filters, '-r', 'pack', '--pack-destination', folder])
  if (status !== 0) throw new Error(`pnpm pack failed:\n${stdout}${stderr}`)
}

function isStale({ folder, manifest }: WorkspacePackage): boolean {
  const built = Object.values(manifest.exports ?? {}).flatMap((target) => [target.default, target.types])
  const at = built.map((file) => statSync(join(root, folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0)
  const sources = readdirSync(join(root, folder, 'src'), { recursive: true, encoding: 'utf8' })
  const changed = sources.map((file) => statSync(join(root, folder, 'src', file)).mtimeMs)
  return Math.min(...at) < Math.max(...changed, statSync(join(root, folder, 'package.json')).mtimeMs)
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2)
  if (folder === undefined) {
    process.stderr.write('Usage: npm run pack -- <folder for the tarballs>\n')
    process.exit(2)
  }
  await packPackages(publishedPackages(readTree(root)), resolve(folder))
}
