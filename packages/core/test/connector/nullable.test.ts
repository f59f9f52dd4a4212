import * as z from 'zod'
import { expect, it } from 'vitest'
import { nullable } from '@mcpclient/core/define'

const Row = z.object({ id: z.string(), topic: nullable(z.string().min(1)) })

it.each([
  ['null', { id: '1', topic: null }, { id: '1' }],
  ['an absent field', { id: '1' }, { id: '1' }],
  ['a value', { id: '1', topic: 'Tides' }, { id: '1', topic: 'Tides' }],
])('reads %s', (_what, given, expected) => {
  expect(JSON.parse(JSON.stringify(Row.parse(given)))).toEqual(expected)
})

it('refuses a value that does not fit', () => {
  expect(Row.safeParse({ id: '1', topic: '' }).success).toBe(false)
  expect(Row.safeParse({ id: '1', topic: 4 }).success).toBe(false)
})

it('describes the field as optional, and never as null', () => {
  expect(z.toJSONSchema(Row, { io: 'output' })).toMatchObject({
    properties: { topic: { type: 'string', minLength: 1 } },
    required: ['id'],
  })
})

it('changes a value only once', () => {
  const Doubled = z.object({ n: nullable(z.number().transform((n) => n * 2)) })
  expect(Doubled.parse({ n: 2 })).toEqual({ n: 4 })
})
