import { createMcpClient, fetchTransport } from '@mcpclient/core'
import { bodyOf, listen, readFixtures } from '@mcpclient/testkit'
import type { LoopbackServer } from '@mcpclient/testkit'
import { Client } from '@microsoft/microsoft-graph-client'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { microsoftTodo } from '../src/index.ts'

const fixtures = readFixtures(import.meta.dirname)
const TOKEN = 'eyJ0.recorded'

interface Seen {
  readonly method: string
  readonly path: string
  readonly query: readonly string[]
  readonly authorization: string | undefined
  readonly prefer: string | undefined
  readonly body: unknown
}

let seen: Seen[] = []
let response: { readonly status?: number; readonly json?: unknown } = {}
let server: LoopbackServer

beforeAll(async () => {
  server = await listen((request, reply) => {
    void bodyOf(request).then((body) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
      const { authorization, prefer } = request.headers
      seen.push({
        method: request.method ?? '',
        path: decodeURIComponent(pathname),
        query: [...searchParams].map(([name, value]) => `${name}=${value}`).toSorted(),
        authorization,
        prefer: [prefer].flat().join(),
        body: body === '' ? undefined : JSON.parse(body),
      })
      reply.writeHead(response.status ?? 200, { 'content-type': 'application/json' })
      reply.end(response.json === undefined ? undefined : JSON.stringify(response.json))
    })
  })
})

beforeEach(() => {
  seen = []
})

afterAll(() => server[Symbol.asyncDispose]())

/** The input of a fixture, as far as the calls below take it apart. */
interface Input {
  readonly listId: string
  readonly taskId: string
  readonly checklistItemId: string
  readonly linkedResourceId: string
  readonly status: string
  readonly orderBy: string
  readonly pageSize: number
}
type Call = (sdk: Client, input: Input) => Promise<unknown>

const tasksIn = ({ listId }: Input) => `/me/todo/lists/${listId}/tasks`
const taskIn = (input: Input) => `${tasksIn(input)}/${input.taskId}`
/** Returns the fields of the body. */
const bodyIn = ({ listId: _list, taskId: _task, checklistItemId: _step, linkedResourceId: _link, ...body }: Input) =>
  body

/** Sends the same request with Microsoft's own client. The defaults are those of the tools. */
const calls: Readonly<Record<string, Call>> = {
  list_task_lists: (sdk, { pageSize }) => sdk.api('/me/todo/lists').top(pageSize).get(),
  create_task_list: (sdk, input) => sdk.api('/me/todo/lists').post(input),
  list_tasks: (sdk, input) =>
    sdk.api(tasksIn(input)).filter(`status eq '${input.status}'`).orderby(input.orderBy).top(input.pageSize).get(),
  get_task: (sdk, input) => sdk.api(taskIn(input)).expand('checklistItems,linkedResources').get(),
  create_task: (sdk, input) => sdk.api(tasksIn(input)).post(bodyIn(input)),
  update_task: (sdk, input) =>
    sdk.api(taskIn(input)).patch({ ...bodyIn(input), body: { content: '', contentType: 'text' }, categories: [] }),
  complete_task: (sdk, input) => sdk.api(taskIn(input)).patch({ status: 'completed' }),
  delete_task: (sdk, input) => sdk.api(taskIn(input)).delete(),
  list_checklist_items: (sdk, input) => sdk.api(`${taskIn(input)}/checklistItems`).get(),
  create_checklist_item: (sdk, input) => sdk.api(`${taskIn(input)}/checklistItems`).post(bodyIn(input)),
  update_checklist_item: (sdk, input) =>
    sdk.api(`${taskIn(input)}/checklistItems/${input.checklistItemId}`).patch(bodyIn(input)),
  delete_checklist_item: (sdk, input) => sdk.api(`${taskIn(input)}/checklistItems/${input.checklistItemId}`).delete(),
  list_linked_resources: (sdk, input) => sdk.api(`${taskIn(input)}/linkedResources`).get(),
  create_linked_resource: (sdk, input) => sdk.api(`${taskIn(input)}/linkedResources`).post(bodyIn(input)),
  delete_linked_resource: (sdk, input) =>
    sdk.api(`${taskIn(input)}/linkedResources/${input.linkedResourceId}`).delete(),
}

const succeeding = fixtures.filter((fixture) => 'output' in fixture)

describe("beside Microsoft's own client", () => {
  it('compares every tool', () => {
    expect(new Set(succeeding.map(({ tool }) => tool))).toEqual(new Set(Object.keys(calls)))
    expect(Object.keys(calls).toSorted()).toEqual(Object.keys(microsoftTodo.tools).toSorted())
  })

  it.each(succeeding.map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
    'sends the same request for %s',
    async (_name, { tool, input, responses }) => {
      response = responses[0] ?? {}
      const mcp = createMcpClient({
        connectors: { todo: microsoftTodo({ token: TOKEN, baseUrl: `${server.url}/v1.0/` }) },
        transport: fetchTransport(),
      })
      await mcp.client('todo', 'ada').invoke(tool, input, { maxPages: 1 })
      await mcp.close()

      const sdk = Client.init({
        baseUrl: server.url,
        // It sends its own token over https only.
        authProvider: (done) => done(null, TOKEN),
        fetchOptions: { headers: { authorization: `Bearer ${TOKEN}`, prefer: 'IdType="ImmutableId"' } },
      })
      await calls[tool]?.(sdk, input as unknown as Input)
      const [ours, theirs] = seen
      expect(seen).toHaveLength(2)
      expect(ours).toEqual(theirs)
    },
  )
})
