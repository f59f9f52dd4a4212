import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'

const bench = join(import.meta.dirname, '../..')

interface Manifest {
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(bench, folder, 'package.json'), 'utf8')) as Manifest

/** Returns the machine, so that a figure can be understood later. */
export const machine = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  memoryGb: Math.round(totalmem() / 1e9),
  platform: `${process.platform} ${process.arch}`,
  node: process.version,
  loadAtStart: loadavg()[0] ?? 0,
})

/** Returns the commit whose packages are measured, or undefined outside a git repository. */
export function measuredCommit(): string | undefined {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: bench,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return undefined
  }
}

/** Returns the versions of everything that is measured. */
export function versions(): Readonly<Record<string, string>> {
  const installed = ['@mcpclient/core', '@modelcontextprotocol/client', 'ky', 'undici', 'zod']
  return {
    ...Object.fromEntries(installed.map((name) => [name, manifestIn(`node_modules/${name}`).version ?? 'unknown'])),
    ...manifestIn('peers').dependencies,
  }
}
