import { execFile } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '../../../..')
/** The measured packages and their folders in the workspace. */
const measured: Readonly<Record<string, string>> = {
  '@mcpclient/core': 'packages/core',
  '@mcpclient/mcp': 'packages/mcp',
  '@mcpclient/sqlite': 'packages/stores/sqlite',
  '@mcpclient/sync': 'packages/sync',
}

/** Builds the packages whose build is older than their sources, to measure the published form. */
export async function buildPackages(): Promise<readonly string[]> {
  const stale = Object.keys(measured).filter((name) => isStale(join(root, measured[name] ?? '')))
  if (stale.length > 0) {
    await promisify(execFile)(process.execPath, ['packages/workshop/src/build.ts', ...stale], { cwd: root })
  }
  return stale
}

function isStale(folder: string): boolean {
  const sources = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })
  const changed = Math.max(...sources.map((file) => statSync(join(folder, 'src', file)).mtimeMs))
  const built = statSync(join(folder, 'dist/index.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  return built < changed
}
