import { exchangesOf, loadGraphSpecs, readFixtures, vendorContracts } from '@mcpclient/testkit'
import type { GraphEdge } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { instagram } from '../src/index.ts'

const folder = vendorContracts()
const connector = instagram({ token: 'IGAA.fixture', userId: '17841400000004417' })

/** The edge of each tool. The description has no containers and no subscriptions. */
const edges: Readonly<Record<string, GraphEdge>> = {
  get_account: { node: 'IGUser' },
  get_publishing_limit: { node: 'IGUser', edge: 'content_publishing_limit' },
  get_account_insights: { node: 'IGUser', edge: 'insights' },
  get_media_insights: { node: 'IGMedia', edge: 'insights' },
  list_media: { node: 'IGUser', edge: 'media' },
  get_media: { node: 'IGMedia' },
  create_media_container: { node: 'IGUser', edge: 'media' },
  publish_media: { node: 'IGUser', edge: 'media_publish' },
  list_comments: { node: 'IGMedia', edge: 'comments' },
  list_replies: { node: 'IGComment', edge: 'replies' },
  create_comment: { node: 'IGMedia', edge: 'comments' },
  reply_to_comment: { node: 'IGComment', edge: 'replies' },
  hide_comment: { node: 'IGComment' },
  delete_comment: { node: 'IGComment' },
}
const cases = readFixtures(import.meta.dirname)
  .filter(({ tool }) => tool in edges)
  .map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const)

/**
 * Returns whether a finding is a gap of the description, which is that of the login with Facebook: two fields exist with the
 * login with Instagram only. An id is a string, because it has more digits than a number can have.
 */
const isQuirk = (problem: string): boolean =>
  /^unknown field (user_id|account_type)$|^creation_id is no unsigned int$/.test(problem)

describe.skipIf(folder === undefined)("Meta's own API description (skipped where it is absent)", () => {
  const load = () => loadGraphSpecs(folder ?? '', 'instagram-graph')

  it.each(cases)('matches every request and response of %s', async (_name, fixture) => {
    const problemsOf = load()
    const exchanges = await exchangesOf(connector, fixture)
    expect(exchanges.length).toBeGreaterThan(0)
    // publish_media asks for the status of the container first.
    for (const exchange of exchanges.filter(({ url }) => !url.includes('status_code'))) {
      const problems = problemsOf(edges[fixture.tool] ?? { node: '' }, exchange)
      expect(problems.filter((problem) => !isQuirk(problem))).toEqual([])
    }
  })

  it('detects what Meta does not describe', () => {
    const url = 'https://graph.instagram.com/v25.0/1/media_publish'
    const exchange = { method: 'POST', url, requestBody: { container_id: '1' }, status: 200 }
    expect(load()({ node: 'IGUser', edge: 'media_publish' }, exchange)).toEqual([
      'unknown parameter container_id',
      'missing parameter creation_id',
    ])
  })
})
