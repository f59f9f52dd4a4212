import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const soak = (...words: readonly string[]) => {
  const file = fileURLToPath(new URL('./soak.ts', import.meta.url))
  const { status, stdout } = spawnSync(process.execPath, ['--conditions=@mcpclient/source', file, ...words])
  return { status, lines: stdout.toString().trim().split('\n') }
}

it('prints its seed, and fails after a fault', { timeout: 30_000 }, () => {
  expect(soak('--seed', '7', '--store', 'papyrus')).toEqual({
    status: 1,
    lines: ['seed 7', 'papyrus: there is no such store; give sqlite, postgres or redis'],
  })
})
