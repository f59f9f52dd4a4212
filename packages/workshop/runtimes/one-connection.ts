import { createMcpClient, memoryStore } from '@mcpclient/core'
import { encrypted, vault } from '@mcpclient/core/vault'
import { defineConnector, get, oauth2, path, tool } from '@mcpclient/core/define'
import * as z from 'zod'

const redirectUri = 'https://app.invalid/callback'
/** As long as the first token lives. */
const LIFE_MS = 1000

/**
 * Runs the life of one connection over the network: a user consents, the token expires and is refreshed. The grant is
 * encrypted and its tokens are bound to a key. Runs unchanged in every runtime.
 */
export async function oneConnection(baseUrl: string): Promise<string> {
  const notes = defineConnector({
    id: 'notes',
    name: 'Notes',
    baseUrl,
    auth: oauth2({
      authorizationUrl: `${baseUrl}authorize`,
      tokenUrl: `${baseUrl}token`,
      dpop: true,
    }),
    tools: {
      read_note: tool({
        description: 'Read one note.',
        effect: 'read',
        input: z.object({ id: z.string() }),
        output: z.object({ id: z.string(), text: z.string() }),
        request: ({ id }) => get(path`notes/${id}`),
      }),
    },
  })
  const key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))
  const rows = memoryStore()
  const mcp = createMcpClient({
    connectors: { notes: notes({ clientId: 'app-of-runtimes' }) },
    vault: vault({ store: encrypted(rows, { keys: key }), redirectUri }),
  })
  try {
    const refreshes: string[] = []
    mcp.on('connection.renewed', ({ tenant }) => void refreshes.push(tenant ?? ''))
    const { notes: own } = mcp.as('ada')
    const begun = await own.connect()
    if (begun.status !== 'authorize') return begun.status
    const state = new URL(begun.url).searchParams.get('state') ?? ''
    await mcp.completeAuthorization(`${redirectUri}?code=agreed&state=${state}`, 'ada')
    await new Promise((resolve) => setTimeout(resolve, LIFE_MS))
    const result = await own.call('read_note', { id: 'kept' })
    const isPlain = (await rows.list('')).entries.some(({ value }) => value.includes('token-'))
    return JSON.stringify({ result, refreshes, isPlain })
  } finally {
    await mcp.close()
  }
}
