import { compareWithSdk, succeedingCases } from '@mcpclient/testkit'
import type { SdkCalls } from '@mcpclient/testkit'
import { Client } from '@microsoft/microsoft-graph-client'
import { describe, expect, it } from 'vitest'
import { microsoftTodo } from '../src/index.ts'

const TOKEN = 'eyJ0.recorded'

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

const tasksIn = ({ listId }: Input) => `/me/todo/lists/${listId}/tasks`
const taskIn = (input: Input) => `${tasksIn(input)}/${input.taskId}`
/** Returns the fields of the body. */
const bodyIn = ({ listId: _list, taskId: _task, checklistItemId: _step, linkedResourceId: _link, ...body }: Input) =>
  body

/** Sends the same request with Microsoft's own client. The defaults are those of the tools. */
const calls: SdkCalls<Client, Input> = {
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

const cases = succeedingCases<Input>(import.meta.dirname)

describe("beside Microsoft's own client", () => {
  it('compares every tool', () => {
    expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(calls)))
    expect(Object.keys(calls).toSorted()).toEqual(Object.keys(microsoftTodo.tools).toSorted())
  })

  it.each(cases)('sends the same request for %s', async (_name, fixture) => {
    const { ours, theirs } = await compareWithSdk(fixture, {
      connector: ({ url }) => microsoftTodo({ token: TOKEN, baseUrl: `${url}/v1.0/` }),
      sdk: ({ url }) => {
        const sdk = Client.init({
          baseUrl: url,
          // It sends its own token over https only.
          authProvider: (done) => done(null, TOKEN),
          fetchOptions: { headers: { authorization: `Bearer ${TOKEN}`, prefer: 'IdType="ImmutableId"' } },
        })
        return calls[fixture.tool]?.(sdk, fixture.input)
      },
      headers: ['authorization', 'prefer'],
    })
    expect(ours).toEqual(theirs)
  })
})
