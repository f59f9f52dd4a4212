import { spawnSync } from 'node:child_process'
import { delimiter, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const PNPM = 'pnpm@10.34.9'

const root = resolve(fileURLToPath(import.meta.url), '../../../..')

/** PATH without this workspace's own commands: npm and npx must run on the Node that they came with. */
export function machinePath() {
  const bin = join(root, 'node_modules/.bin')
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => resolve(folder) !== bin)
    .join(delimiter)
}

/** Runs the one pnpm of this workspace through npx, which every npm has. */
export function pnpm(args) {
  const { NODE_ENV: _, ...environment } = process.env
  // `--yes` on the command line wins over `yes=false` in a user's npmrc.
  return spawnSync('npx', ['--yes', PNPM, ...args], {
    cwd: root,
    env: { ...environment, PATH: machinePath() },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}
