import { createMcpClient } from '@mcpclient/core'
import { bearer, defineConnector, get, path, tool } from '@mcpclient/core/define'
import * as z from 'zod'

const readNote = tool({
  description: 'Read one note.',
  effect: 'read',
  input: z.object({ id: z.string() }),
  output: z.object({ id: z.string(), text: z.string() }),
  request: ({ id }) => get(path`notes/${id}`),
})

const notes = defineConnector({
  id: 'notes',
  name: 'Notes',
  baseUrl: 'https://notes.invalid/',
  auth: bearer(),
  tools: { read_note: readNote },
})

/** Makes one call through each entry, over the whole pipeline and the network. Runs unchanged in every runtime. */
export async function oneCall(baseUrl: string): Promise<string> {
  const mcp = createMcpClient({ connectors: { notes: notes({ baseUrl, token: 'only-for-notes' }) } })
  try {
    const typed = await mcp.as('ada').notes.call('read_note', { id: 'a/b' })
    const envelope = await mcp.handle(
      { server_id: 'notes', tool_name: 'read_note', tool_input: { id: 'missing' } },
      'ada',
    )
    return JSON.stringify({ typed, envelope: envelope.status === 'error' ? envelope.error.code : envelope.tool_output })
  } finally {
    await mcp.close()
  }
}
