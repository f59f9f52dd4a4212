import * as z from 'zod'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { createMcpClient, partialOf, silentLogger } from '@mcpclient/core'
import type { Logger } from '@mcpclient/core'
import {
  cursorPages,
  defineConnector,
  form,
  get,
  linkPages,
  noAuth,
  numberedPages,
  offsetPages,
  post,
  tool,
  urlPages,
} from '@mcpclient/core/define'
import type { Pages } from '@mcpclient/core/define'

const Row = z.object({ id: z.number() })

function listing(
  pages: Pages,
  answers: Parameters<typeof scriptedTransport>[0],
  logger: Logger = silentLogger,
  baseUrl = 'https://rows.example/',
) {
  const list = tool({
    description: 'List rows.',
    effect: 'read',
    input: z.object({}),
    output: z.object({ rows: z.array(Row) }),
    request: () => get('rows', { size: 2 }),
    pages,
  })
  const rows = defineConnector({
    id: 'rows',
    name: 'Rows',
    baseUrl,
    auth: noAuth,
    tools: { list },
  })
  const transport = scriptedTransport(answers)
  const mcp = createMcpClient({ connectors: { rows: rows() }, transport, logger, retry: { attempts: 1 } })
  return { transport, call: () => mcp.as('ada').rows.call('list', {}) }
}

const page = (...ids: number[]) => ids.map((id) => ({ id }))

describe('pages', () => {
  it('continue by offset until the total is reached, across an empty page', async () => {
    const { call, transport } = listing(offsetPages({ items: 'rows', param: 'start', total: 'total' }), [
      { json: { rows: page(1, 2), total: 3 } },
      { json: { rows: page(3), total: 3 } },
    ])
    expect(await call()).toEqual({ rows: page(1, 2, 3), complete: true })
    expect(transport.requests[1]?.query).toEqual({ size: '2', start: '2' })
  })

  it('stop by offset at an empty page if the provider sends no total', async () => {
    const { call } = listing(offsetPages({ items: 'rows', param: 'start' }), [
      { json: { rows: page(1) } },
      { json: { rows: [] } },
    ])
    expect(await call()).toEqual({ rows: page(1), complete: true })
  })

  it.each<[string, Pages, object]>([
    [
      'says that there is more after an empty page',
      offsetPages({ items: 'rows', param: 'start', more: 'more' }),
      { rows: [], more: true },
    ],
    [
      'counts more than is visible',
      offsetPages({ items: 'rows', param: 'start', total: 'total' }),
      { rows: [], total: 9 },
    ],
    ['repeats a cursor', cursorPages({ items: 'rows', next: 'next', param: 'cursor' }), { rows: page(2), next: 'c1' }],
    ['links a page to itself', urlPages({ items: 'rows', next: 'next' }), { rows: page(2), next: '/rows?page=2' }],
  ])('end incomplete with a warning and keep their items if a provider %s', async (_name, pages, again) => {
    const warnings: unknown[] = []
    const first = { rows: page(1), total: 9, more: true, next: 'c1' }
    const { call, transport } = listing(
      pages,
      (_request, index) => ({ json: index === 0 ? { ...first, ...('next' in again && { next: again.next }) } : again }),
      {
        ...silentLogger,
        isLevelEnabled: () => true,
        warn: (fields, message) => warnings.push([fields, message]),
      },
    )
    const found = await call()
    expect(found.complete).toBe(false)
    expect(found.rows.length).toBeGreaterThan(0)
    expect(transport.requests.length).toBeLessThanOrEqual(3)
    expect(warnings).toMatchObject([[{ toolName: 'list' }, expect.stringContaining('A list was ended')]])
  })

  it.each([null, undefined, 'many', '', -1, Number.NaN, {}, true])(
    'end at a page without items if the total is %j',
    async (total) => {
      for (const pages of [
        offsetPages({ items: 'rows', param: 'start', total: 'total' }),
        numberedPages({ items: 'rows', param: 'page', totalPages: 'total' }),
      ]) {
        const { call } = listing(pages, [
          { json: { rows: page(1), total } },
          { json: { rows: page(2), total } },
          { json: { rows: [], total } },
        ])
        expect(await call()).toEqual({ rows: page(1, 2), complete: true })
      }
    },
  )

  it('end by cursor at a page that has a cursor and no more pages', async () => {
    const { call, transport } = listing(cursorPages({ items: 'rows', next: 'last', param: 'after', more: 'more' }), [
      { json: { rows: page(1), last: 'c1', more: true } },
      { json: { rows: [], last: 'c2' } },
      { json: { rows: page(3), last: 'c3', more: false } },
    ])
    expect(await call()).toEqual({ rows: page(1, 3), complete: true })
    expect(transport.requests.map(({ query }) => query?.['after'])).toEqual([undefined, 'c1', 'c2'])
  })

  it('accept a total that is a string', async () => {
    const { call } = listing(offsetPages({ items: 'rows', param: 'start', total: 'total' }), [
      { json: { rows: page(1), total: '2' } },
      { json: { rows: page(2), total: '2' } },
    ])
    expect(await call()).toEqual({ rows: page(1, 2), complete: true })
  })

  it('report how many were read and keep the items if a later one fails', async () => {
    const { call } = listing(offsetPages({ items: 'rows', param: 'start' }), [
      { json: { rows: page(1, 2) } },
      { json: { rows: page(3) } },
      { status: 500, json: { message: 'Out of order.' } },
    ])
    const error = await errorOf(call())
    expect(error).toMatchObject({
      code: 'MCP_SERVER_ERROR',
      details: { completedSteps: 2, hint: expect.stringContaining('pages()') as string },
    })
    expect(partialOf(error)).toEqual(page(1, 2, 3))
  })

  it.each([
    ['/v1/rows?page=2', 'https://rows.example/v1/rows?page=2'],
    ['?page=2', 'https://rows.example/v1/shop/rows?page=2'],
    ['rows?page=2', 'https://rows.example/v1/shop/rows?page=2'],
    ['../rows?page=2', 'https://rows.example/v1/rows?page=2'],
    ['//rows.example/x', 'https://rows.example/x'],
    ['https://rows.example/rows?page=2#end', 'https://rows.example/rows?page=2'],
  ])('follow the relative link %s from the URL of the request that returned it', async (link, url) => {
    for (const pages of [linkPages({ items: 'rows' }), urlPages({ items: 'rows', next: 'next' })]) {
      const first = { headers: { link: `<${link}>; rel="next"` }, json: { rows: page(1), next: link } }
      const { call, transport } = listing(
        pages,
        [first, { json: { rows: page(2) } }],
        undefined,
        'https://rows.example/v1/shop/',
      )
      expect(await call()).toEqual({ rows: page(1, 2), complete: true })
      expect(transport.requests[1]?.url).toBe(url)
    }
  })

  it('follow a relative link from the URL after a redirect', async () => {
    const { call, transport } = listing(urlPages({ items: 'rows', next: 'next' }), [
      { status: 302, headers: { location: '/moved/rows' } },
      { json: { rows: page(1), next: '?page=2' } },
      { json: { rows: page(2) } },
    ])
    await call()
    expect(transport.requests[2]?.url).toBe('https://rows.example/moved/rows?page=2')
  })

  it.each(['//evil.example/rows', 'https://evil.example/rows', 'http://rows.example/rows', '\\\\evil.example/rows'])(
    'do not follow the link %s',
    async (link) => {
      const { call, transport } = listing(urlPages({ items: 'rows', next: 'next' }), [
        { json: { rows: page(1), next: link } },
      ])
      await expect(call()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
      expect(transport.requests).toHaveLength(1)
    },
  )

  it('are gathered if the parent of the list is missing on the first page', async () => {
    const list = tool({
      description: 'List rows.',
      effect: 'read',
      input: z.object({}),
      output: z.object({ data: z.object({ rows: z.array(Row) }).optional(), next: z.string().optional() }),
      request: () => get('rows'),
      pages: cursorPages({ items: 'data.rows', next: 'next', param: 'cursor' }),
    })
    const rows = defineConnector({
      id: 'rows',
      name: 'Rows',
      baseUrl: 'https://rows.example/',
      auth: noAuth,
      tools: { list },
    })
    const transport = scriptedTransport([{ json: { next: 'c1' } }, { json: { data: { rows: page(1, 2) } } }])
    const found = await createMcpClient({ connectors: { rows: rows() }, transport })
      .as('ada')
      .rows.call('list', {})
    expect(found).toEqual({ data: { rows: page(1, 2) }, next: 'c1', complete: true })
  })

  it.each<[string, object]>([
    ['rowz', { items: 'rowz' }],
    ['rows.list', { items: 'rows.list' }],
    ['a list that is none', { items: 'name' }],
  ])('are rejected by defineConnector if the output has no list at %s', (_name, { items }: { items?: string }) => {
    const list = tool({
      description: 'List rows.',
      effect: 'read',
      input: z.object({}),
      output: z.object({ rows: z.array(Row).nullish(), name: z.string() }),
      request: () => get('rows'),
      pages: linkPages({ items: items ?? '' }),
    })
    expect(() =>
      defineConnector({ id: 'rows', name: 'Rows', baseUrl: 'https://rows.example/', auth: noAuth, tools: { list } }),
    ).toThrow('has no list at pages.items')
  })

  it('end by number with the last one', async () => {
    const { call, transport } = listing(numberedPages({ items: 'rows', param: 'page', totalPages: 'pages' }), [
      { json: { rows: page(1), pages: 3 } },
      { json: { rows: [], pages: 3 } },
      { json: { rows: page(3), pages: 3 } },
    ])
    expect(await call()).toEqual({ rows: page(1, 3), complete: true })
    expect(transport.requests.map(({ query }) => query['page'])).toEqual([undefined, '2', '3'])
  })

  it('gather 130,000 items without a stack overflow', async () => {
    const many = page(...Array.from({ length: 100 }, (_, id) => id))
    const rows = Array.from({ length: 1300 }, () => many).flat()
    const { call } = listing(offsetPages({ items: 'rows', param: 'start', total: 'total' }), [
      { json: { rows, total: 130_000 } },
    ])
    expect((await call()).rows).toHaveLength(130_000)
  })

  it('are limited to the declared hosts if they are linked by URL', async () => {
    const pages = urlPages({ items: 'rows', next: ['@odata.nextLink'] })
    const good = listing(pages, [
      { json: { rows: page(1), '@odata.nextLink': 'https://rows.example/rows?skip=1' } },
      { json: { rows: page(2) } },
    ])
    expect(await good.call()).toEqual({ rows: page(1, 2), complete: true })
    const evil = listing(pages, [{ json: { rows: page(1), '@odata.nextLink': 'https://evil.example/rows' } }])
    await expect(evil.call()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
  })

  it.each([
    ['<https://rows.example/rows?page=2>; rel="next", <https://rows.example/rows?page=9>; rel="last"', true],
    [
      '<https://rows.example/rows?page=1>; rel="prev", <https://rows.example/rows?page=2>; title="a, b"; rel=next',
      true,
    ],
    ['<https://rows.example/rows?page=2>; rel="start next"', true],
    ['<https://rows.example/rows?page=2>; title="rel=next, <x>; y"; REL="Next"', true],
    [
      '<https://rows.example/rows?page=1,2>; type="a\\"b;c"; rel="prev",<https://rows.example/rows?page=2>;rel=next',
      true,
    ],
    ['<https://rows.example/rows?page=2> ; crossorigin ; rel = "last  NEXT"', true],
    ['<https://rows.example/rows?page=2>; rel="prev"; rel="next"', false],
    ['<https://rows.example/rows?page=2>; title="x; rel=next"', false],
    ['<https://rows.example/rows?page=2>; rev="next"', false],
    ['<https://rows.example/rows?page=2>; rel="nextish"', false],
    ['nonsense', false],
  ])('follow the Link header: %s', async (link, more) => {
    const first = { headers: { link }, json: { rows: page(1) } }
    const { call, transport } = listing(
      linkPages({ items: 'rows' }),
      more ? [first, { json: { rows: page(2) } }] : [first],
    )
    await call()
    transport.verify()
  })

  it('have a name for the list if the response is the list itself', async () => {
    const list = tool({
      description: 'List rows.',
      effect: 'read',
      input: z.object({}),
      output: z.array(Row),
      request: () => get('rows'),
      pages: linkPages({ items: '' }),
    })
    const rows = defineConnector({
      id: 'rows',
      name: 'Rows',
      baseUrl: 'https://rows.example/',
      auth: noAuth,
      tools: { list },
    })
    const transport = scriptedTransport([
      { headers: { link: '<https://rows.example/rows?page=2>; rel="next"' }, json: page(1) },
      { json: page(2) },
    ])
    const answer = await createMcpClient({ connectors: { rows: rows() }, transport })
      .as('ada')
      .rows.call('list', {})
    expectTypeOf(answer).toEqualTypeOf<{ readonly items: { id: number }[]; readonly complete: boolean }>()
    expect(answer).toEqual({ items: page(1, 2), complete: true })
  })
})

describe('a list whose parameters are in the body', () => {
  const listByPost = (
    pages: Pages,
    body: Parameters<typeof post>[1],
    answers: Parameters<typeof scriptedTransport>[0],
  ) => {
    const list = tool({
      description: 'List rows.',
      effect: 'read',
      input: z.object({}),
      output: z.object({ rows: z.array(Row) }),
      request: () => post('rows', body),
      pages,
    })
    const rows = defineConnector({
      id: 'rows',
      name: 'Rows',
      baseUrl: 'https://rows.example/',
      auth: noAuth,
      tools: { list },
    })
    const transport = scriptedTransport(answers)
    const mcp = createMcpClient({ connectors: { rows: rows() }, transport, retry: { attempts: 1 } })
    return { transport, call: () => mcp.as('ada').rows.call('list', {}) }
  }
  const twoPages = [{ json: { rows: page(1), next: 'b', pages: 2 } }, { json: { rows: page(2), pages: 2 } }]

  it.each([
    ['cursor', cursorPages({ items: 'rows', next: 'next', param: 'at', place: 'body' }), 'b'],
    ['number', numberedPages({ items: 'rows', param: 'at', totalPages: 'pages', place: 'body' }), 2],
    ['offset', offsetPages({ items: 'rows', param: 'at', total: 'pages', place: 'body' }), 1],
  ])('send a form as a form, by %s', async (_style, pages, at) => {
    const { call, transport } = listByPost(pages, form({ size: 1 }), twoPages)
    expect(await call()).toEqual({ rows: page(1, 2), complete: true })
    expect(transport.requests.map((request) => request.form)).toEqual([{ size: '1' }, { size: '1', at: String(at) }])
  })

  it.each([
    ['cursor', cursorPages({ items: 'rows', next: 'next', param: 'at', place: 'body' }), 'b'],
    ['number', numberedPages({ items: 'rows', param: 'at', totalPages: 'pages', place: 'body' }), 2],
    ['offset', offsetPages({ items: 'rows', param: 'at', total: 'pages', place: 'body' }), 1],
  ])('send JSON as JSON, by %s', async (_style, pages, at) => {
    const { call, transport } = listByPost(pages, { size: 1 }, twoPages)
    expect(await call()).toEqual({ rows: page(1, 2), complete: true })
    expect(transport.requests.map((request) => request.json)).toEqual([{ size: 1 }, { size: 1, at }])
  })
})
