import { exchangesOf, loadGraphSpecs, readFixtures, vendorContracts } from '@mcpclient/testkit'
import type { GraphEdge } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { facebook, facebookUser } from '../src/index.ts'

const folder = vendorContracts()
const page = facebook({ token: 'EAAJ.fixture', pageId: '1353269864728879' })
const user = facebookUser({ token: 'EAAJ.fixture' })

/** The edge of each tool. The description has no scheduled posts and no replies to comments: see vendor-sdk.test.ts. */
const edges: Readonly<Record<string, GraphEdge>> = {
  get_page: { node: 'Page' },
  get_page_insights: { node: 'Page', edge: 'insights' },
  get_post_insights: { node: 'PagePost', edge: 'insights' },
  subscribe_app: { node: 'Page', edge: 'subscribed_apps' },
  unsubscribe_app: { node: 'Page', edge: 'subscribed_apps' },
  list_page_posts: { node: 'Page', edge: 'posts' },
  get_post: { node: 'PagePost' },
  create_post: { node: 'Page', edge: 'feed' },
  delete_post: { node: 'PagePost' },
  upload_photo: { node: 'Page', edge: 'photos' },
  list_comments: { node: 'PagePost', edge: 'comments' },
  hide_comment: { node: 'Comment' },
  delete_comment: { node: 'Comment' },
  list_pages: { node: 'User', edge: 'accounts' },
}
const fixtures = [
  ...readFixtures(import.meta.dirname).map((fixture) => [page, fixture] as const),
  ...readFixtures(`${import.meta.dirname}/user`).map((fixture) => [user, fixture] as const),
].filter(([, { tool }]) => tool in edges)
const cases = fixtures.map(([connector, fixture]) => [`${fixture.tool}: ${fixture.name}`, connector, fixture] as const)

/** Meta's reference has this field of the pages of a user, which the description does not have. */
const isQuirk = (problem: string): boolean => problem === 'unknown field tasks'

describe.skipIf(folder === undefined)("Meta's own API description (skipped where it is absent)", () => {
  const load = () => loadGraphSpecs(folder ?? '', 'facebook-graph')

  it.each(cases)('matches every request and response of %s', async (_name, connector, fixture) => {
    const problemsOf = load()
    const exchanges = await exchangesOf(connector, fixture)
    expect(exchanges.length).toBeGreaterThan(0)
    for (const exchange of exchanges) {
      const problems = problemsOf(edges[fixture.tool] ?? { node: '' }, exchange)
      expect(problems.filter((problem) => !isQuirk(problem))).toEqual([])
    }
  })

  it('detects what Meta does not describe', () => {
    const exchange = { method: 'POST', url: 'https://graph.facebook.com/v25.0/1/feed', status: 200 }
    const requestBody = { text: 'Hello', published: 'no' }
    expect(load()({ node: 'Page', edge: 'feed' }, { ...exchange, requestBody })).toEqual([
      'unknown parameter text',
      'published is no bool',
    ])
    expect(load()({ node: 'Page', edge: 'walls' }, exchange)).toHaveLength(1)
  })
})
