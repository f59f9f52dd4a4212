interface Message {
  readonly id?: string | number
  readonly method?: string
  readonly params?: {
    readonly protocolVersion?: string
    readonly arguments?: { readonly text?: string }
  }
}

const echo = {
  name: 'echo',
  description: 'Says it again.',
  inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
}

const METHOD_NOT_FOUND = -32_601

/** Returns the response of the smallest MCP server, without any SDK, or undefined for a notification. */
export function respondToMessage(
  { id, method, params }: Message,
  tools: readonly object[] = [echo],
): object | undefined {
  if (id === undefined || method === undefined) return undefined
  const respond = (result: object) => ({ jsonrpc: '2.0', id, result })
  switch (method) {
    case 'initialize':
      return respond({
        protocolVersion: params?.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'bench', version: '1.0.0' },
      })
    case 'tools/list':
      return respond({ tools })
    case 'tools/call':
      return respond({ content: [{ type: 'text', text: params?.arguments?.text ?? '' }] })
    case 'ping':
      return respond({})
    default:
      return { jsonrpc: '2.0', id, error: { code: METHOD_NOT_FOUND, message: 'The method does not exist.' } }
  }
}
