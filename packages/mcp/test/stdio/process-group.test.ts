import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { groupIsAlive, signalGroup } from '../../src/stdio/process-group.ts'
import { eventually } from '../support/processes.ts'

/** Starts a program in a group of its own, prints the id, and then never waits for the program's exit. */
const parentScript = `
  const { spawn } = require('node:child_process')
  const { pid } = spawn('cat', { detached: true, stdio: ['inherit', 'ignore', 'ignore'] })
  require('node:fs').writeSync(1, String(pid))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
`

describe.runIf(process.platform !== 'win32')('a process group', () => {
  it('is alive until its process exits', async () => {
    const program = spawn('cat', { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
    const id = program.pid ?? 0
    expect(groupIsAlive(id)).toBe(true)
    signalGroup(id, 'SIGTERM')
    expect(await once(program, 'exit')).toEqual([null, 'SIGTERM'])
    expect(groupIsAlive(id)).toBe(false)
    expect(() => signalGroup(id, 'SIGKILL')).not.toThrow()
  })

  it.runIf(process.platform === 'linux')('is not alive when all its processes are zombies', async () => {
    const parent = spawn(process.execPath, ['-e', parentScript], { stdio: ['pipe', 'pipe', 'ignore'] })
    try {
      const [printed] = (await once(parent.stdout, 'data')) as [Buffer]
      const id = Number(printed.toString())
      expect(groupIsAlive(id)).toBe(true)
      parent.stdin.end()
      await eventually(() => !groupIsAlive(id))
      // The zombie still has its id.
      expect(() => process.kill(id, 0)).not.toThrow()
    } finally {
      parent.kill('SIGKILL')
    }
  })
})
