import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const folder = join(import.meta.dirname, '../../peers')
const workspaceCommands = join(import.meta.dirname, '../../../../node_modules/.bin')

const changedAt = (file: string): number => statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0

/**
 * Installs the peers of the bench from its lock file if they are missing.
 * @returns whether anything was installed
 */
export async function installPeers(): Promise<boolean> {
  if (changedAt('node_modules/.package-lock.json') > changedAt('package-lock.json')) return false
  // npm runs on the Node that it came with, not on the one that the workspace pins.
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((each) => resolve(each) !== workspaceCommands)
  await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    env: { ...process.env, PATH: path.join(delimiter) },
    shell: process.platform === 'win32',
    maxBuffer: 64 * 1024 * 1024,
  })
  return true
}
