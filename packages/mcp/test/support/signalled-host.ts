import { createMcpClient } from '@mcpclient/core'
import { mcpProcess } from '@mcpclient/mcp/stdio'

// A host that a signal ends. It prints when its program runs, and what its own handler received.
const [, , mode = '', count = '1', command = '', ...args] = process.argv
const connectors = Object.fromEntries(
  Array.from({ length: Number(count) }, (_, index) => [
    `rogue${index}`,
    mcpProcess({
      command,
      args,
      env: { ROGUE_LOG: process.env['ROGUE_LOG'] ?? '', ROGUE_IGNORES_EOF: '1', ROGUE_IGNORES_TERM: '1' },
      watchdog: mode === 'watchdog',
    }),
  ]),
)
process.on('warning', ({ name }) => process.stdout.write(`warning ${name}\n`))
const mcp = createMcpClient({ connectors })
if (mode === 'handles') {
  process.on('SIGTERM', () => {
    void mcp
      .as('ada')
      .rogue0?.call('echo', {})
      .then(
        () => process.stdout.write('still served\n'),
        () => process.stdout.write('not served\n'),
      )
      .finally(() => process.exit(5))
  })
}
const ada = mcp.as('ada')
await Promise.all(Object.keys(connectors).map(async (name) => ada[name]?.call('echo', {})))
if (mode === 'polite') {
  // What the package signal-exit does.
  const emitter = { count: 1 }
  Object.assign(globalThis, { [Symbol.for('signal-exit emitter')]: emitter })
  const listener = () => {
    if (process.listeners('SIGINT').length !== emitter.count) return
    process.off('SIGINT', listener)
    process.kill(process.pid, 'SIGINT')
  }
  process.on('SIGINT', listener)
}
if (mode === 'throws') {
  setTimeout(() => {
    throw new Error('a fault of the host')
  }, 0)
}
if (mode === 'closes') {
  await mcp.close()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.stdout.write(`${signal} ${process.listenerCount(signal)}\n`)
  }
}
process.stdout.write('ready\n')
setInterval(() => undefined, 60_000)
