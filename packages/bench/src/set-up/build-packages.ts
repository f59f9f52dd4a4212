import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '../../../..')
const bench = join(import.meta.dirname, '../..')

/** Builds the packages whose build is older than their sources, to measure the published form. */
export async function buildPackages(): Promise<readonly string[]> {
  const stale = [...usedPackages()].filter(([, folder]) => isStale(folder)).map(([name]) => name)
  if (stale.length > 0) {
    await promisify(execFile)(process.execPath, ['packages/workshop/src/build.ts', ...stale], { cwd: root })
  }
  return stale
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

/** Returns the folders of the workspace's packages that the bench uses, and of those that they use in turn. */
function usedPackages(): ReadonlyMap<string, string> {
  const used = new Map<string, string>()
  const visit = (from: string, dependencies: Readonly<Record<string, string>> = {}): void => {
    for (const [name, version] of Object.entries(dependencies)) {
      if (used.has(name) || !version.startsWith('workspace:')) continue
      const folder = realpathSync(join(from, 'node_modules', name))
      used.set(name, folder)
      visit(folder, manifestIn(folder).dependencies)
    }
  }
  visit(bench, manifestIn(bench).devDependencies)
  return used
}

function isStale(folder: string): boolean {
  const sources = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })
  const changed = Math.max(...sources.map((file) => statSync(join(folder, 'src', file)).mtimeMs))
  const built = readdirSync(folder).includes('dist') ? statSync(join(folder, 'dist')).mtimeMs : 0
  return built < changed
}
