interface Message {
  readonly id?: string | number
  readonly method?: string
  readonly params?: {
    readonly protocolVersion?: string
    readonly arguments?: { readonly text?: string }
  }
}

const tool = {
  name: 'echo',
  description: 'Says it again.',
  inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
}

const METHOD_NOT_FOUND = -32_601

/** What the smallest MCP server says, without any SDK; undefined to what asks for no answer. */
export function answerMessage({ id, method, params }: Message): object | undefined {
  if (id === undefined || method === undefined) return undefined
  const answer = (result: object) => ({ jsonrpc: '2.0', id, result })
  switch (method) {
    case 'initialize':
      return answer({
        protocolVersion: params?.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'bench', version: '1.0.0' },
      })
    case 'tools/list':
      return answer({ tools: [tool] })
    case 'tools/call':
      return answer({ content: [{ type: 'text', text: params?.arguments?.text ?? '' }] })
    case 'ping':
      return answer({})
    default:
      return { jsonrpc: '2.0', id, error: { code: METHOD_NOT_FOUND, message: 'There is no such method.' } }
  }
}
