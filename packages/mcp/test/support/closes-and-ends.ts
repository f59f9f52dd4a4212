import { createMcpClient } from '@mcpclient/core'
import { mcpServer } from '@mcpclient/mcp'
import { mcpProcess } from '@mcpclient/mcp/stdio'

const [, , url = '', command = '', ...args] = process.argv
const mcp = createMcpClient({ connectors: { http: mcpServer({ url }), stdio: mcpProcess({ command, args }) } })
const { http, stdio } = mcp.as('ada')
await Promise.all([http, stdio].map((each) => each.call('echo', { message: 'hi' })))
await mcp.close()
