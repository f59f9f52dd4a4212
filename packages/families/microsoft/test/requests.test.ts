import { createMcpClient } from '@mcpclient/core'
import { bearer, defineConnector, get, tool } from '@mcpclient/core/define'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { GRAPH_URL, ifMatch, odataPages, prefer } from '../src/index.ts'

describe('the preferences of a request', () => {
  it('ask for immutable ids, unless they are turned off', () => {
    expect(prefer()).toEqual({ prefer: 'IdType="ImmutableId"' })
    expect(prefer({ immutableIds: false, pageSize: 50 })).toEqual({ prefer: 'odata.maxpagesize=50' })
  })

  it('are one header', () => {
    expect(prefer({ pageSize: 20, timeZone: 'Europe/Berlin', body: 'text' }).prefer).toBe(
      'IdType="ImmutableId", odata.maxpagesize=20, outlook.timezone="Europe/Berlin", outlook.body-content-type="text"',
    )
  })

  it('cannot be ended by a value', () => {
    expect(prefer({ timeZone: 'UTC", IdType="x\r\nx-evil: 1' }).prefer).toBe(
      'IdType="ImmutableId", outlook.timezone="UTC, IdType=xx-evil: 1"',
    )
  })
})

it('sends an etag only if there is one', () => {
  expect(ifMatch('W/"1"')).toEqual({ 'if-match': 'W/"1"' })
  expect(ifMatch(undefined)).toEqual({})
})

describe('a list', () => {
  const notes = defineConnector({
    id: 'notes',
    name: 'Notes',
    baseUrl: GRAPH_URL,
    auth: bearer(),
    headers: prefer(),
    tools: {
      list_notes: tool({
        description: 'List the notes.',
        effect: 'read',
        input: z.object({}),
        output: z.object({ value: z.array(z.object({ id: z.string() })) }),
        request: () => get('me/notes', { $top: 1 }),
        pages: odataPages(),
      }),
    },
  })
  const next = `${GRAPH_URL}me/notes?$top=1&$skiptoken=a%2Bb%3D`

  it('is followed by its links as they are, with the same preferences', async () => {
    const transport = scriptedTransport([
      { json: { value: [{ id: 'a' }], '@odata.nextLink': next } },
      { json: { value: [], '@odata.nextLink': `${GRAPH_URL}me/notes?$skiptoken=2` } },
      { json: { value: [{ id: 'b' }] } },
    ])
    const mcp = createMcpClient({ connectors: { notes: notes({ token: 't' }) }, transport })
    expect(await mcp.as('ada').notes.call('list_notes', {})).toEqual({
      value: [{ id: 'a' }, { id: 'b' }],
      complete: true,
    })
    expect(transport.requests.map(({ url }) => url)).toEqual([
      `${GRAPH_URL}me/notes?%24top=1`,
      next,
      `${GRAPH_URL}me/notes?$skiptoken=2`,
    ])
    for (const { headers } of transport.requests) expect(headers['prefer']).toBe('IdType="ImmutableId"')
  })

  it('does not follow a link to another host', async () => {
    const transport = scriptedTransport([
      { json: { value: [{ id: 'a' }], '@odata.nextLink': 'https://graph.microsoft.com.evil.example/v1.0/me/notes' } },
    ])
    const mcp = createMcpClient({ connectors: { notes: notes({ token: 't' }) }, transport })
    await errorOf(mcp.as('ada').notes.call('list_notes', {}))
    expect(transport.requests).toHaveLength(1)
  })
})
