import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

it('prints its seed, and fails for an unknown queue', { timeout: 60_000 }, () => {
  const file = fileURLToPath(new URL('soak.ts', import.meta.url))
  const words = ['--conditions=@mcpclient/source', file, '--seed', '7', '--queue', 'pigeons']
  const { status, stdout } = spawnSync(process.execPath, words)
  expect([status, stdout.toString()]).toEqual([1, 'seed 7\npigeons: there is no such queue; give bullmq or pg-boss\n'])
})
