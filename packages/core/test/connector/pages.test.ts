import * as z from 'zod'
import { scriptedTransport } from '@mcpclient/testing'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
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

function listing(pages: Pages, answers: Parameters<typeof scriptedTransport>[0]) {
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
    baseUrl: 'https://rows.example/',
    auth: noAuth,
    tools: { list },
  })
  const transport = scriptedTransport(answers)
  const mcp = createMcpClient({ connectors: { rows: rows() }, transport, retry: { attempts: 1 } })
  return { transport, call: () => mcp.as('ada').rows.call('list', {}) }
}

const page = (...ids: number[]) => ids.map((id) => ({ id }))

describe('pages', () => {
  it('by offset go on while the total says so, over an empty page too where it says there is more', async () => {
    const { call, transport } = listing(offsetPages({ items: 'rows', param: 'start', total: 'total' }), [
      { json: { rows: page(1, 2), total: 3 } },
      { json: { rows: page(3), total: 3 } },
    ])
    expect(await call()).toEqual({ rows: page(1, 2, 3), complete: true })
    expect(transport.requests[1]?.query).toEqual({ size: '2', start: '2' })
  })

  it('by offset end at an empty page where the provider says nothing', async () => {
    const { call } = listing(offsetPages({ items: 'rows', param: 'start' }), [
      { json: { rows: page(1) } },
      { json: { rows: [] } },
    ])
    expect(await call()).toEqual({ rows: page(1), complete: true })
  })

  it('by offset that cannot go on from an empty page end with an error, not for ever', async () => {
    const { call } = listing(offsetPages({ items: 'rows', param: 'start', more: 'more' }), () => ({
      json: { rows: [], more: true },
    }))
    await expect(call()).rejects.toMatchObject({ code: 'DATA_TRANSFORMATION_ERROR' })
  })

  it('by number end with the last one', async () => {
    const { call, transport } = listing(numberedPages({ items: 'rows', param: 'page', totalPages: 'pages' }), [
      { json: { rows: page(1), pages: 3 } },
      { json: { rows: [], pages: 3 } },
      { json: { rows: page(3), pages: 3 } },
    ])
    expect(await call()).toEqual({ rows: page(1, 3), complete: true })
    expect(transport.requests.map(({ query }) => query['page'])).toEqual([undefined, '2', '3'])
  })

  it('of 130,000 items are gathered without overflowing the stack', async () => {
    const many = page(...Array.from({ length: 100 }, (_, id) => id))
    const rows = Array.from({ length: 1300 }, () => many).flat()
    const { call } = listing(offsetPages({ items: 'rows', param: 'start', total: 'total' }), [
      { json: { rows, total: 130_000 } },
    ])
    expect((await call()).rows).toHaveLength(130_000)
  })

  it('by URL keep to the declared hosts', async () => {
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
    ['<https://rows.example/rows?page=2>; rel="nextish"', false],
    ['nonsense', false],
  ])('by Link header: %s', async (link, more) => {
    const first = { headers: { link }, json: { rows: page(1) } }
    const { call, transport } = listing(
      linkPages({ items: 'rows' }),
      more ? [first, { json: { rows: page(2) } }] : [first],
    )
    await call()
    transport.verify()
  })

  it('of an answer that is the list itself come under a name', async () => {
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

describe('a list that takes its parameters in the body', () => {
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
  ])('keeps a form a form, by %s', async (_style, pages, at) => {
    const { call, transport } = listByPost(pages, form({ size: 1 }), twoPages)
    expect(await call()).toEqual({ rows: page(1, 2), complete: true })
    expect(transport.requests.map((request) => request.form)).toEqual([{ size: '1' }, { size: '1', at: String(at) }])
  })

  it.each([
    ['cursor', cursorPages({ items: 'rows', next: 'next', param: 'at', place: 'body' }), 'b'],
    ['number', numberedPages({ items: 'rows', param: 'at', totalPages: 'pages', place: 'body' }), 2],
    ['offset', offsetPages({ items: 'rows', param: 'at', total: 'pages', place: 'body' }), 1],
  ])('keeps JSON as JSON, by %s', async (_style, pages, at) => {
    const { call, transport } = listByPost(pages, { size: 1 }, twoPages)
    expect(await call()).toEqual({ rows: page(1, 2), complete: true })
    expect(transport.requests.map((request) => request.json)).toEqual([{ size: 1 }, { size: 1, at }])
  })
})
