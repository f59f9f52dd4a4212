import { createMcpClient } from '@mcpclient/core'
import { mcpProcess } from '@mcpclient/mcp/stdio'

// A host that does not close its client. It must exit nevertheless, and end the server.
const [, , command = '', ...args] = process.argv
const mcp = createMcpClient({
  connectors: {
    rogue: mcpProcess({ command, args, env: { ROGUE_LOG: process.env['ROGUE_LOG'] ?? '', ROGUE_IGNORES_EOF: '1' } }),
  },
})
await mcp.as('ada').rogue.call('echo', {})
process.stdout.write('done')
