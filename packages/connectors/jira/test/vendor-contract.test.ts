import { exchangesOf, loadVendorContract, readFixtures, vendorContracts } from '@mcpclient/testkit'
import type { Fixture } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { jiraApiToken } from '../src/index.ts'

const folder = vendorContracts()

/** Tools of operations that are in the trimmed description. The tests beside jira.js have all. */
const DESCRIBED = new Set([
  'search_issues',
  'get_issue_details',
  'create_issue',
  'update_issue',
  'delete_issue',
  'list_transitions',
  'transition_issue',
  'list_comments',
  'add_comment',
  'list_projects',
  'get_project',
  'get_myself',
  'search_users',
])
/** Returns whether the description has the operation. It describes version 3 of the API. */
const isDescribed = ({ tool, settings }: Fixture): boolean => DESCRIBED.has(tool) && settings === undefined
const fixtures = readFixtures(import.meta.dirname).filter(isDescribed)

const connector = () =>
  jiraApiToken({ site: 'marshes', email: 'ada@marshes.example', apiToken: 'ATATT3x-heron', apiVersion: '3' })

describe.skipIf(folder === undefined)("Atlassian's own API description (skipped where it is absent)", () => {
  const load = () => loadVendorContract(folder ?? '', 'jira-cloud')

  it.each(fixtures.map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
    'matches every request and response of %s',
    async (_name, fixture) => {
      const contract = await load()
      const exchanges = await exchangesOf(connector(), fixture)
      expect(exchanges.length).toBeGreaterThan(0)
      for (const exchange of exchanges) {
        const { op, problems } = contract.check(exchange)
        expect(op).not.toBeNull()
        expect(problems).toEqual([])
      }
    },
  )

  it('detects a request that Jira would refuse', async () => {
    const contract = await load()
    const url = 'https://marshes.atlassian.net/rest/api/3/issue/MRSH-1/comment?limit=5'
    expect(contract.check({ method: 'GET', url, status: 200, responseBody: {} }).problems).toEqual([
      'unknown query parameter limit',
    ])
  })
})
