import { describe, expect, it } from 'vitest'
import { createFakeClock, errorOf } from '@mcpclient/testing'
import { mcpProcess } from '@mcpclient/mcp/stdio'
import type { ProcessServerOptions } from '@mcpclient/mcp/stdio'
import { resultText } from '../support/result-text.ts'
import { eventually, isRunning, roguePath } from '../support/processes.ts'
import { rogueClients } from '../support/rogue-client.ts'

const { start, log } = rogueClients()

/** Fails to connect to a program of Node that runs `code`. */
const failureOf = (code: string, options: Partial<ProcessServerOptions> = {}) =>
  errorOf(
    start({ args: ['-e', code], ...options }, { retry: { attempts: 1 } })
      .as('ada')
      .rogue.call('echo', {}),
  )

const stays = 'setInterval(() => {}, 1e6)'

describe('a program that exits before it speaks MCP', () => {
  it.each([
    ['standard error', `console.error('usage: server [--root DIR]'); process.exit(2)`],
    ['standard output', `console.log('usage: server [--root DIR]'); process.exit(2)`],
    ['standard error without a newline', `process.stderr.write('usage: server [--root DIR]', () => process.exit(2))`],
    ['standard output without a newline', `process.stdout.write('usage: server [--root DIR]', () => process.exit(2))`],
  ])('is reported with its command, its exit code and its usage text on %s', async (_, code) => {
    const failure = await failureOf(code)
    expect(failure.message).toBe(`rogue is not running: ${process.execPath} exited with code 2 before it spoke MCP.`)
    expect(failure.details.hint).toContain('It exited with code 2.')
    expect(failure.details.hint).toContain('usage: server [--root DIR]')
    expect(failure.details.hint).toContain('in a terminal')
    expect(failure.details.outcome).toBe('not_processed')
  })

  it('is reported with the signal that ended it', async () => {
    const failure = await failureOf(`process.kill(process.pid, 'SIGKILL'); ${stays}`)
    expect(failure.message).toContain('was ended by SIGKILL before it spoke MCP.')
  })

  it('is reported within a limit and without secrets', async () => {
    const secret = 'canary-env-secret-1'
    const code = `console.log('token ' + process.env.API_KEY); console.error('x'.repeat(1e6)); process.exit(1)`
    const failure = await failureOf(code, { env: { API_KEY: secret } })
    expect(JSON.stringify(failure)).not.toContain(secret)
    expect(failure.details.hint).toContain('token [redacted]')
    expect(String(failure.details.hint).length).toBeLessThan(8000)
  })
})

describe('a program that never speaks MCP', () => {
  it.each([
    ['noise without a newline', `process.stdout.write('Starting up')`, 'Starting up'],
    [
      'pretty-printed JSON',
      `process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id: 0 }, null, 2) + '\\n')`,
      '{ / "jsonrpc": "2.0"',
    ],
    ['UTF-16', `process.stdout.write(Buffer.from('\\ufeff{"jsonrpc":"2.0"}\\n', 'utf16le'))`, '(not UTF-8)'],
    ['a banner', `console.log('Listening on port 3000')`, 'Listening on port 3000'],
    ['JSON that is no message', `console.log('{"level":"info","msg":"up"}')`, '{"level":"info","msg":"up"}'],
    ['a line without an end', `process.stdout.write('abc'.repeat(1e5))`, 'abcabc'],
  ])('is reported with the beginning of its output: %s', async (_, code, shown) => {
    const failure = await failureOf(`${code}; ${stays}`, { connectTimeoutMs: 1500 })
    expect(failure.code).toBe('TIMEOUT')
    expect(failure.details.hint).toContain('It wrote to its standard output what is not MCP:')
    expect(failure.details.hint).toContain(shown)
    expect(String(failure.details.hint).length).toBeLessThan(3000)
  })

  it('is reported without secrets of its output', async () => {
    const code = `process.stdout.write('key=' + process.env.API_KEY); ${stays}`
    const failure = await failureOf(code, { connectTimeoutMs: 1500, env: { API_KEY: 'canary-env-secret-1' } })
    expect(failure.details.hint).toContain('[redacted]')
    expect(JSON.stringify(failure)).not.toContain('canary-env-secret-1')
  })

  it('is given 60 seconds by default', async () => {
    const clock = createFakeClock()
    const timeouts = { requestMs: 100_000, callMs: 100_000 }
    const mcp = start({ args: ['-e', stays], clock }, { clock, timeouts, retry: { attempts: 1 } })
    const failure = await clock.until(errorOf(mcp.as('ada').rogue.call('echo', {})))
    expect(failure.message).toBe('rogue did not complete the MCP handshake within 60000 ms.')
  })

  it('is reported as silent if it writes nothing', async () => {
    const failure = await failureOf(stays, { connectTimeoutMs: 1500 })
    expect(failure.details.hint).toContain('it wrote nothing')
  })
})

it('reads a first message after a byte order mark', async () => {
  const code = `process.stdout.write('\\ufeff'); import(${JSON.stringify(roguePath)})`
  const { rogue } = start({ args: ['--input-type=module', '-e', code] }).as('ada')
  expect(resultText(await rogue.call('echo', { n: 1 }))).toBe('{"n":1}')
})

describe('a command that cannot be started', () => {
  it('gets a hint about args if it contains arguments', async () => {
    const failure = await failureOf('', { command: 'npx -y some-server', args: [] })
    expect(failure).toMatchObject({ code: 'CONFIGURATION_ERROR', details: { outcome: 'not_processed' } })
    expect(failure.details.hint).toContain("Arguments belong in `args`: pass command: 'npx'")
  })

  it.each([
    ['a missing program', { command: 'no-such-program-anywhere' }, 'Install the command'],
    ['a missing folder', { cwd: '/no/such/folder' }, 'working directory'],
    ['a file that is no program', { command: roguePath }, 'Install the command'],
  ])('is not tried again if it is %s', async (_, options, hint) => {
    const failure = await errorOf(start(options).as('ada').rogue.call('echo', {}))
    expect(failure).toMatchObject({ code: 'CONFIGURATION_ERROR', details: { attempts: 1 } })
    expect(failure.details.hint).toContain(hint)
  })

  it.runIf(process.platform !== 'win32')('fails in the same way with a watchdog', async () => {
    const failure = await errorOf(
      start({ command: 'no-such-program-anywhere', watchdog: true }).as('ada').rogue.call('echo', {}),
    )
    expect(failure).toMatchObject({ code: 'CONFIGURATION_ERROR', details: { attempts: 1 } })
  })
})

describe('a composition', () => {
  it.each([
    ['an empty command', { command: ' ' }],
    ['no command', {} as { command: string }],
    ['a NUL', { command: 'a\0b' }],
    ['args as a string', { command: 'npx', args: '-y server' as unknown as string[] }],
    ['an argument that is no string', { command: 'npx', args: [5] as unknown as string[] }],
    ['a variable that is no string', { command: 'npx', env: { PORT: 3000 } as unknown as Record<string, string> }],
  ])('refuses %s', (_, options) => {
    expect(() => mcpProcess(options)).toThrow(/options of an MCP program are invalid/)
  })
})

describe.runIf(process.platform !== 'win32')('a program with a watchdog', () => {
  it('works, ends with its client, and leaves no process behind', async () => {
    const mcp = start({ watchdog: true })
    const { rogue } = mcp.as('ada')
    const pid = Number(resultText(await rogue.call('pid', {})))
    expect(log.pids()).toEqual([pid])
    await mcp.close()
    await eventually(() => !isRunning(pid))
  })

  it('is started again after a crash', async () => {
    const { rogue } = start({ watchdog: true }).as('ada')
    const first = resultText(await rogue.call('pid', {}))
    expect((await errorOf(rogue.call('crash', {}))).details.hint).toContain('It exited with code 7.')
    expect(resultText(await rogue.call('pid', {}))).not.toBe(first)
  })
})
