import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { resultText } from '../support/result-text.ts'
import { eventually, isRunning, roguePath } from '../support/processes.ts'
import { rogueClients } from '../support/rogue-client.ts'

const { start, log } = rogueClients()
const onPosix = process.platform !== 'win32'

describe('a process tree', () => {
  it('ends with close()', async () => {
    const mcp = start()
    const pid = Number(resultText(await mcp.as('ada').rogue.call('pid', {})))
    expect(isRunning(pid)).toBe(true)
    await mcp.close()
    expect(isRunning(pid)).toBe(false)
  })

  it.runIf(onPosix)(
    'includes the server behind a wrapper such as `sh -c`, which is an orphan with other clients',
    async () => {
      const mcp = start({
        command: 'sh',
        // Two commands, so that the shell cannot become the server.
        args: ['-c', `"${process.execPath}" "${roguePath}"; true`],
        env: { ROGUE_LOG: log.file, ROGUE_IGNORES_EOF: '1' },
      })
      const pid = Number(resultText(await mcp.as('ada').rogue.call('pid', {})))
      await mcp.close()
      expect(isRunning(pid)).toBe(false)
    },
  )

  it.runIf(onPosix)('includes processes that a crashed server left behind', async () => {
    const mcp = start({
      command: 'sh',
      args: ['-c', `sleep 300 & echo "start $!" >> "$ROGUE_LOG"; exec "${process.execPath}" "${roguePath}"`],
    })
    await mcp
      .as('ada')
      .rogue.call('crash', {})
      .catch(() => undefined)
    const [left = 0] = log.pids()
    expect(left).toBeGreaterThan(0)
    await eventually(() => !isRunning(left))
  })

  it('ends with a host that never closes its client', async () => {
    const script = fileURLToPath(new URL('../support/leaves-without-closing.ts', import.meta.url))
    const args = ['--conditions=@mcpclient/source', script, process.execPath, roguePath]
    const host = spawn(process.execPath, args, {
      env: { ...process.env, ROGUE_LOG: log.file },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [code] = (await once(host, 'exit')) as [number]
    expect(code).toBe(0)
    const [pid = 0] = log.pids()
    expect(pid).toBeGreaterThan(0)
    await eventually(() => !isRunning(pid))
  })

  it('ends when it is idle, and the next call starts another', async () => {
    const mcp = start({ idleMs: 40 })
    const { rogue } = mcp.as('ada')
    const pid = Number(resultText(await rogue.call('pid', {})))
    await eventually(() => !isRunning(pid))
    expect(Number(resultText(await rogue.call('pid', {})))).not.toBe(pid)
  })

  it('ends while the connection is still opening', async () => {
    // It never responds.
    const mcp = start({
      command: process.execPath,
      args: [
        '-e',
        `require('fs').appendFileSync(process.env.ROGUE_LOG, 'start ' + process.pid + '\\n'); setInterval(() => {}, 1e6)`,
      ],
    })
    const call = mcp.as('ada').rogue.call('echo', {})
    const refused = expect(call).rejects.toMatchObject({ code: 'CANCELLED' })
    await eventually(() => log.pids().length === 1)
    await mcp.close()
    await refused
    expect(isRunning(log.pids()[0] ?? 0)).toBe(false)
  })
})
