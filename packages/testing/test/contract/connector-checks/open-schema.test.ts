import { expect, it } from 'vitest'
import * as z from 'zod'
import { isOpenAt } from '../../../src/contract/connector-checks/open-schema.ts'
import type { JsonPath } from '../../../src/contract/connector-checks/json-walk.ts'

const open = (schema: z.ZodType, path: JsonPath): boolean =>
  isOpenAt(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }), path)

it.each<[string, z.ZodType, JsonPath]>([
  ['a map', z.record(z.string(), z.unknown()), []],
  ['a map in a field', z.object({ labels: z.record(z.string(), z.number()) }), ['labels']],
  ['a map in items', z.object({ items: z.array(z.record(z.string(), z.string())) }), ['items', 3]],
  ['a field that may be anything', z.object({ meta: z.unknown() }), ['meta', 'deep']],
  ['a map that may be null', z.object({ labels: z.record(z.string(), z.string()).nullable() }), ['labels']],
])('%s is open by intention', (_, schema, path) => {
  expect(open(schema, path)).toBe(true)
})

it.each<[string, z.ZodType, JsonPath]>([
  ['an output that may be anything', z.unknown(), []],
  ['an object', z.object({ id: z.string() }), []],
  ['a loose object', z.looseObject({ id: z.string() }), []],
  ['a loose object that may be null', z.object({ user: z.looseObject({ id: z.string() }).nullable() }), ['user']],
  ['loose items', z.object({ items: z.array(z.looseObject({ id: z.string() })) }), ['items', 0]],
])('%s is not', (_, schema, path) => {
  expect(open(schema, path)).toBe(false)
})
