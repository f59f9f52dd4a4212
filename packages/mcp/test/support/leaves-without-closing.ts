import { createMcpClient } from '@mcpclient/core'
import { mcpProcess } from '@mcpclient/mcp/stdio'

// A host that forgets to close its client: it must end all the same, and take the server along.
const [, , command = '', ...args] = process.argv
const mcp = createMcpClient({
  connectors: {
    rogue: mcpProcess({ command, args, env: { ROGUE_LOG: process.env['ROGUE_LOG'] ?? '', ROGUE_IGNORES_EOF: '1' } }),
  },
})
await mcp.as('ada').rogue.call('echo', {})
process.stdout.write('done')
