import { exchangesOf, loadVendorContract, readFixtures, vendorContracts } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { asana } from '../src/index.ts'

const folder = vendorContracts()

/** Tools whose operations are in the trimmed description. The tests beside Asana's SDK have all. */
const DESCRIBED = new Set([
  'create_task',
  'get_task',
  'list_tasks',
  'update_task',
  'complete_task',
  'delete_task',
  'list_projects',
  'get_project',
  'create_project',
  'list_sections',
  'list_stories',
  'add_comment',
  'list_workspaces',
  'list_users',
  'get_user',
  'get_events',
])
const fixtures = readFixtures(import.meta.dirname).filter(({ tool }) => DESCRIBED.has(tool))

/** A known error of the description: these are null if there is none. */
const QUIRK = /^response\/data(?:\/\d+)?\/(?:approval_status|assignee|parent|user) must be /

describe.skipIf(folder === undefined)("Asana's own API description (skipped where it is absent)", () => {
  const load = () => loadVendorContract(folder ?? '', 'asana')

  it.each(fixtures.map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
    'matches every request and response of %s',
    async (_name, fixture) => {
      const contract = await load()
      const exchanges = await exchangesOf(asana({ token: 'recorded' }), fixture)
      expect(exchanges.length).toBeGreaterThan(0)
      for (const exchange of exchanges) {
        const { op, problems } = contract.check(exchange)
        expect(op).not.toBeNull()
        expect(problems.filter((problem) => !QUIRK.test(problem))).toEqual([])
      }
    },
  )

  it('detects a request that Asana would refuse', async () => {
    const contract = await load()
    const url = 'https://app.asana.com/api/1.0/tasks'
    const requestBody = { data: { name: 'Count herons', due_on: 'soon', completed: 'no' } }
    expect(
      contract.check({ method: 'POST', url, requestBody, status: 201, responseBody: {} }).problems.join(),
    ).toContain('completed')
  })
})
