import { createMcpClient } from '@mcpclient/core'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { asana } from '../src/index.ts'
import * as shapes from '../src/shapes.ts'

function start(script: readonly ScriptedReply[]) {
  const transport = scriptedTransport(script)
  const mcp = createMcpClient({ connectors: { asana: asana({ token: '1/canary' }) }, transport, random: () => 0.5 })
  return { ada: mcp.as('ada').asana, client: mcp.client('asana', 'ada'), transport }
}

/** A part of a JSON schema. */
interface Part {
  readonly properties?: Readonly<Record<string, Part>>
  readonly items?: Part
  readonly anyOf?: readonly Part[]
}

/** Returns the paths of the fields that a schema reads, without the gids, which Asana always returns. */
function fieldsOf(part: Part, path = ''): readonly string[] {
  const inner = part.items ?? part.anyOf?.find(({ properties }) => properties !== undefined) ?? part
  if (inner !== part) return fieldsOf(inner, path)
  if (part.properties === undefined) return [path.slice(1)]
  const entries = Object.entries(part.properties).filter(([name]) => name !== 'gid')
  return entries.flatMap(([name, field]) => fieldsOf(field, `${path}.${name}`))
}

describe('the fields of a request', () => {
  it.each([
    ['a task', shapes.TASK, shapes.Task],
    ['a task in a list', shapes.SUMMARY, shapes.Summary],
    ['a project', shapes.PROJECT, shapes.Project],
    ['a section', shapes.SECTION, shapes.Section],
    ['a story', shapes.STORY, shapes.Story],
    ['an attachment', shapes.ATTACHMENT, shapes.Attachment],
    ['a user', shapes.USER, shapes.User],
    ['a workspace', shapes.WORKSPACE, shapes.Workspace],
    ['a custom field', shapes.CUSTOM_FIELD, shapes.CustomField],
    ['an object', shapes.NAMED, shapes.Named],
  ])('are those that the output of %s has', (_what, fields, schema) => {
    const read = fieldsOf(z.toJSONSchema(schema, { io: 'output' }) as Part)
    expect(fields.split(',').toSorted()).toEqual([...read].toSorted())
  })
})

describe('an input', () => {
  const task = { task_gid: '1205000000000001' }
  it.each([
    ['create_task', 'neither a workspace nor a project', { name: 'Count herons' }],
    ['create_task', 'a date without a year', { name: 'Count herons', workspace: '1', due_on: '5 November' }],
    ['get_task', 'a path', { task_gid: '1/stories' }],
    ['update_task', 'no field', { ...task, name: undefined }],
    ['list_tasks', 'no filter', {}],
    ['list_tasks', 'two filters', { project: '1', section: '2' }],
    ['list_tasks', 'an assignee without a workspace', { assignee: 'me' }],
    ['list_tasks', 'a page of 101', { project: '1', limit: 101 }],
    ['set_task_parent', 'two positions', { ...task, parent: '2', insert_before: '3', insert_after: '4' }],
    ['add_comment', 'no text', task],
    ['upload_attachment', 'no content', { parent: '1', name: 'a.txt' }],
    ['upload_attachment', 'two contents', { parent: '1', name: 'a.txt', text: 'a', content_base64: 'YQ==' }],
    ['attach_link', 'an address of this machine', { parent: '1', name: 'a', url: 'file:///etc/passwd' }],
  ])('is refused by %s with %s', async (tool, _what, input) => {
    const { client, transport } = start([])
    expect((await errorOf(client.invoke(tool, input))).code).toBe('INVALID_INPUT')
    expect(transport.requests).toEqual([])
  })
})

describe('the events of a resource', () => {
  it('begin with a token, which a 412 carries', async () => {
    const { ada, transport } = start([
      { status: 412, json: { errors: [{ message: 'Sync token invalid or too old.' }], sync: 's1' } },
      { json: { data: [], sync: 's2', has_more: false } },
    ])
    const { sync } = await ada.call('get_events', { resource: '1' })
    expect(await ada.call('get_events', { resource: '1', sync })).toEqual({ data: [], sync: 's2', has_more: false })
    expect(transport.requests.map(({ query }) => query)).toEqual([{ resource: '1' }, { resource: '1', sync: 's1' }])
  })

  it('fail without a token in the 412', async () => {
    const { ada } = start([{ status: 412, json: { errors: [{ message: 'No.' }] } }])
    expect((await errorOf(ada.call('get_events', { resource: '1' }))).code).toBe('DATA_TRANSFORMATION_ERROR')
  })
})

describe('an error', () => {
  const said = (status: number, message: string) =>
    errorOf(start([{ status, json: { errors: [{ message }] } }]).ada.call('add_comment', { task_gid: '1', text: 'Hi' }))

  it("quotes Asana's own message and says what to do", async () => {
    const error = await said(402, 'Payment Required: search is a premium feature.')
    expect(error.message).toContain('Payment Required: search is a premium feature.')
    expect(error).toMatchObject({ code: 'MCP_CLIENT_ERROR', advice: expect.stringContaining('Upgrade') as unknown })
  })

  it('has happened before anything was done if a limit is exceeded, so the call is sent again', async () => {
    const story = { gid: '1', type: 'comment' }
    const limited = { status: 429, headers: { 'retry-after': '0' }, json: { errors: [{ message: 'Slow down.' }] } }
    const { ada, transport } = start([limited, { status: 201, json: { data: story } }])
    expect(await ada.call('add_comment', { task_gid: '1', text: 'Hi' })).toEqual(story)
    expect(transport.requests).toHaveLength(2)
  })

  it('leaves the outcome of a write unknown after a 500', async () => {
    expect((await said(500, 'Server Error')).details.outcome).toBe('unknown')
  })
})
