import { scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import type { Permissions, Proposal } from '@mcpclient/core'
import { defineConnector, noAuth, post, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { demo } from '../demo-connector.ts'

const note = { id: 'n1', text: 'hi' }
const clientWith = (
  permissions: Permissions,
  answers: Parameters<typeof scriptedTransport>[0] = () => ({ json: note }),
) => {
  const transport = scriptedTransport(answers)
  return { transport, mcp: createMcpClient({ connectors: { notes: demo({ token: 't' }) }, transport, permissions }) }
}

describe('permit', () => {
  it.each([
    [{ allow: ['notes.*'] }, true],
    [{ allow: ['*.get_*'] }, true],
    [{ allow: ['notes.get_not'] }, false],
    [{ allow: ['notesXget_note'] }, false],
    [{ allow: [] }, false],
    [{ deny: ['notes.get_note'] }, false],
    [{ allow: ['*'], deny: ['*.get_*'] }, false],
    [{ effects: ['read'] as const }, true],
    [{ effects: ['write'] as const }, false],
  ])('%j allows get_note: %s', async (policy, allowed) => {
    const { mcp, transport } = clientWith({ policy })
    const answer = mcp.as('ada').notes.call('get_note', { id: 'x' })
    if (allowed) await expect(answer).resolves.toEqual(note)
    else
      await expect(answer).rejects.toMatchObject({ code: 'PERMISSION_DENIED', details: { outcome: 'not_processed' } })
    expect(transport.requests).toHaveLength(allowed ? 1 : 0)
  })

  it('reads the policy of each principal', async () => {
    const { mcp } = clientWith({ policy: ({ agent }) => (agent === undefined ? {} : { effects: ['read'] }) })
    await expect(mcp.as('ada').notes.call('create_note', { text: 'x' })).resolves.toEqual(note)
    await expect(
      mcp.as({ tenant: 'ada', agent: 'bot' }).notes.call('create_note', { text: 'x' }),
    ).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    })
  })

  it('follows a list that is changed in place', async () => {
    const allow = ['notes.*']
    const policy = { allow, deny: ['*.drop_*'] }
    const { mcp } = clientWith({ policy: () => policy })
    await expect(mcp.as('ada').notes.call('get_note', { id: 'x' })).resolves.toEqual(note)
    allow[0] = 'another.*'
    await expect(mcp.as('ada').notes.call('get_note', { id: 'x' })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    allow.push('notes.get_*')
    await expect(mcp.as('ada').notes.call('get_note', { id: 'x' })).resolves.toEqual(note)
  })

  it('distinguishes lists whose patterns join to the same string', async () => {
    const { mcp } = clientWith({
      policy: ({ agent }) => ({ allow: agent === undefined ? ['notes.get_note', 'a'] : ['notes.get_note,a'] }),
    })
    await expect(mcp.as('ada').notes.call('get_note', { id: 'x' })).resolves.toEqual(note)
    const agent = mcp.as({ tenant: 'ada', agent: 'bot' }).notes
    await expect(agent.call('get_note', { id: 'x' })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
  })
})

describe('approve', () => {
  it('receives each request that changes something, and no reads', async () => {
    const seen: Proposal[] = []
    const { mcp } = clientWith({ approve: (proposal) => seen.push(proposal) > 0 })
    await mcp.as('ada').notes.call('copy_notes', { ids: ['a', 'b'] })
    expect(seen).toMatchObject([
      {
        toolName: 'copy_notes',
        effect: 'write',
        request: { method: 'POST', path: 'notes', body: { value: { text: 'hi+hi' } } },
      },
    ])
    expect(JSON.stringify(seen)).not.toContain('Bearer')
  })

  it('receives the sentence of a tool that has one', async () => {
    const seen: (string | undefined)[] = []
    const say = (preview?: (input: { text: string }, context: { settings: { room: string } }) => string) =>
      tool({
        description: 'Say something.',
        effect: 'write',
        input: z.object({ text: z.string() }),
        output: z.object({}),
        request: (input) => post('say', input),
        preview,
      })
    const room = defineConnector({
      id: 'room',
      name: 'Room',
      baseUrl: 'https://room.example/',
      auth: noAuth,
      settings: z.object({ room: z.string() }),
      tools: { say: say(({ text }, { settings }) => `Say "${text}" in ${settings.room}.`), shout: say() },
    })
    const mcp = createMcpClient({
      connectors: { room: room({ room: 'the marsh' }) },
      transport: scriptedTransport(() => ({ json: {} })),
      permissions: { approve: ({ preview }) => seen.push(preview) > 0 },
    })
    await mcp.as('ada').room.call('say', { text: 'Hello' })
    await mcp.as('ada').room.call('shout', { text: 'Hello' })
    expect(seen).toEqual(['Say "Hello" in the marsh.', undefined])
  })

  it('prevents sending without an approval', async () => {
    const { mcp, transport } = clientWith({ approve: () => ({ approved: false, reason: 'not on a Sunday' }) })
    await expect(mcp.as('ada').notes.call('delete_note', { id: 'x' })).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      message: expect.stringContaining('not on a Sunday') as string,
    })
    expect(transport.requests).toEqual([])
  })
})
