import {
  exchangesOf,
  GRAPH_TOKEN,
  graphScene,
  loadVendorContract,
  readFixtures,
  vendorContracts,
} from '@mcpclient/testkit'
import type { Exchange, Fixture, VendorContract } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { microsoftTodo } from '../src/index.ts'

const fixtures = readFixtures(import.meta.dirname)
const folder = vendorContracts()

/** Graph does not ask for `@odata.type`, and returns it only where a type is not the declared one. */
const isQuirk = (problem: string): boolean => problem.includes("must have required property '@odata.type'")

/** Tools of the operations that are in the description. The tests beside Microsoft's own client have all. */
const described = ['list_task_lists', 'create_task_list', 'list_tasks', 'get_task', 'create_task', 'update_task']
const isDescribed = ({ tool }: Fixture): boolean => [...described, 'complete_task', 'delete_task'].includes(tool)

/** Returns the findings about an exchange. */
function findings(contract: VendorContract, { status, responseBody, ...request }: Exchange) {
  const response = status < 300 && responseBody !== undefined ? { status, responseBody } : {}
  const { op, problems } = contract.check({ ...request, ...response } as Exchange)
  return { op, problems: problems.filter((problem) => !isQuirk(problem)) }
}

describe.skipIf(folder === undefined)("Graph's own API description (skipped where it is absent)", () => {
  const load = () => loadVendorContract(folder ?? '', 'microsoft-graph')

  it.each(fixtures.filter(isDescribed).map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
    'matches every request and response of %s',
    async (_name, fixture) => {
      const contract = await load()
      const exchanges = await exchangesOf(microsoftTodo({ token: 'eyJ0.fixture' }), fixture)
      expect(exchanges.length).toBeGreaterThan(0)
      for (const exchange of exchanges) {
        const { op, problems } = findings(contract, exchange)
        expect(op).not.toBeNull()
        expect(problems).toEqual([])
      }
    },
  )

  it('matches every write and read of a sync', async () => {
    const contract = await load()
    const { graph, table, settle, sent } = graphScene(microsoftTodo({ token: GRAPH_TOKEN }), {
      sync: 'tasks',
      params: { listId: 'tasks' },
    })
    const items = graph.tasks()
    const dueDateTime = { dateTime: '2026-11-05T00:00:00', timeZone: 'UTC' }
    await items.insert({ title: 'Count herons', dueDateTime, categories: ['Field'] })
    const gone = await items.insert({ title: 'Ring egrets' })
    await items.insert({ title: 'Cut reeds' })
    table.edit('mine', { title: 'Mend nets', dueDateTime, body: { content: 'Boots', contentType: 'text' } })
    await settle()
    table.edit(
      table.idWhere((row) => row['title'] === 'Count herons'),
      { dueDateTime: null, categories: null, status: 'completed', importance: null },
    )
    table.drop(table.idWhere((row) => row['title'] === 'Cut reeds'))
    await items.remove(gone)
    graph.expireDeltaLinks()
    await settle()
    const seen = new Set<string | null>()
    // It does not describe the delta of tasks.
    for (const { method, url, body, status, response } of sent.filter(
      (each) => !each.url.pathname.endsWith('/delta'),
    )) {
      const exchange = { method, url: url.href, ...(body !== undefined && { requestBody: body }), status }
      const { op, problems } = findings(contract, { ...exchange, responseBody: response })
      expect(problems).toEqual([])
      seen.add(op)
    }
    const operations = ['CreateTasks', 'GetTasks', 'UpdateTasks', 'DeleteTasks']
    expect(seen).toEqual(new Set(operations.map((name) => `me.todo.lists.${name}`)))
  })

  it('detects a body that Graph would refuse', async () => {
    const contract = await load()
    const url = 'https://graph.microsoft.com/v1.0/me/todo/lists/l1/tasks'
    const exchange = { method: 'POST', url, requestBody: { status: 'done' }, status: 201 }
    expect(findings(contract, exchange).problems.join()).toContain(
      'request/status must be equal to one of the allowed values',
    )
  })
})
