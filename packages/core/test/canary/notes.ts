import * as z from 'zod'
import { defineConnector, get, post, tool } from '@mcpclient/core/define'
import type { AuthStrategy } from '@mcpclient/core/define'

export const API = 'https://api.example'

/** The response of the service to every request. */
export const FINE = { json: { id: 'acct-1', text: 'fine' } }

const tools = {
  read_note: tool({
    description: 'Read a note.',
    effect: 'read',
    input: z.object({}),
    output: z.object({ text: z.string() }),
    request: () => get('note'),
  }),
  write_note: tool({
    description: 'Write a note.',
    effect: 'write',
    input: z.strictObject({ text: z.string().max(200), mood: z.enum(['glad', 'sad']).optional() }),
    output: z.strictObject({ text: z.string() }),
    request: ({ text }) => post('note', { text }),
  }),
  count_words: tool({
    description: 'Count the words of all notes.',
    effect: 'read',
    input: z.object({}),
    output: z.record(z.string(), z.number()),
    request: () => get('words'),
  }),
  share_note: tool({
    description: 'Share a note, which takes more than was agreed to.',
    effect: 'read',
    scopes: ['notes.share'],
    input: z.object({}),
    output: z.object({ text: z.string() }),
    request: () => get('share'),
  }),
}

/** Defines a service that trusts its provider: its errors repeat the response. */
export const notesWith = (auth: AuthStrategy) =>
  defineConnector({
    id: 'notes',
    name: 'Notes',
    baseUrl: `${API}/`,
    hosts: ['files.example'],
    auth,
    settings: z.object({ callbackSecret: z.string().default('') }),
    check: { request: get('me'), account: (body) => z.object({ id: z.string() }).safeParse(body).data },
    tools,
    errors: ({ status, body }) => {
      const { error, code } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, string>
      if (error === undefined) return undefined
      const refused = status === 401 ? 'MCP_AUTHENTICATION_FAILURE' : 'MCP_CLIENT_ERROR'
      return { code: refused, message: error, providerCode: code }
    },
  })

export const envelope = (tool_name: string, tool_input: object = {}) => ({
  server_id: 'notes',
  tool_name,
  tool_input,
})
