import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { get, tool } from '@mcpclient/core/define'
import { describeTool } from '../../src/connector/describe.ts'
import { unknownFields } from '../../src/connector/unknown-fields.ts'

/** Returns validators of both JSON Schemas of a tool, made by an independent package. */
function described(schema: z.ZodType) {
  const any = tool({ description: 'x', effect: 'read', input: schema, output: schema, request: () => get('x') })
  const { inputSchema, outputSchema } = describeTool('any', any)
  const compile = (json: object = {}) => new Ajv2020({ strict: false, validateSchema: false }).compile(json)
  return { inputSchema, acceptsInput: compile(inputSchema), acceptsOutput: compile(outputSchema) }
}

const runtimeAccepts = (schema: z.ZodType, value: unknown): boolean =>
  schema.safeParse(value).success && unknownFields(schema, value).length === 0

interface Tree {
  readonly a: string
  readonly children?: readonly Tree[] | undefined
}
const Recursive = z.object({
  a: z.string(),
  get children(): z.ZodOptional<z.ZodArray<z.ZodType<Tree>>> {
    return z.array(Recursive).optional()
  },
})
const LooseRecursive: z.ZodType = z.looseObject({
  a: z.string(),
  get children() {
    return z.array(LooseRecursive).optional()
  },
})
const StrictRecursive: z.ZodType = z.strictObject({
  a: z.string(),
  get children() {
    return z.array(StrictRecursive).optional()
  },
})
const LazyRecursive: z.ZodType = z.lazy(() => z.object({ a: z.string(), children: z.array(LazyRecursive).optional() }))
const OtherRecursive: z.ZodType = z.object({
  other: z.number(),
  get children() {
    return z.array(OtherRecursive).optional()
  },
})
const SelfPart: z.ZodType = z.object({
  v: z.string(),
  get next() {
    return SelfPart.and(z.object({ w: z.string() })).optional()
  },
})
const B = z.object({ b: z.number() })
const C = z.object({ c: z.string() })
const a = { a: 'x', children: [{ a: 'y' }] }

const accepted: readonly (readonly [string, z.ZodType, unknown])[] = [
  ['a recursive object and another', Recursive.and(B), { ...a, b: 1 }],
  ['another and a recursive object', B.and(Recursive), { ...a, b: 1 }],
  ['a lazy recursive object and another', LazyRecursive.and(B), { ...a, b: 1 }],
  ['a strict recursive object and another', StrictRecursive.and(B), { ...a, b: 1 }],
  ['a loose recursive object and another', LooseRecursive.and(B), { ...a, b: 1, other: 1 }],
  [
    'a recursive object twice, once as a part',
    z.object({ p: Recursive, q: Recursive.and(B) }),
    { p: a, q: { ...a, b: 1 } },
  ],
  [
    'two recursive objects',
    Recursive.and(SelfPart),
    { ...a, v: 'v', next: { v: 'v', w: 'w', next: { v: 'v', w: 'w' } } },
  ],
  ['a part of itself', SelfPart, { v: 'v', next: { v: 'v', w: 'w' } }],
  ['an object and a loose one', B.and(z.looseObject({ c: z.string() })), { b: 1, c: 'x', other: true }],
  ['a strict object and a loose one', z.strictObject({ b: z.number() }).and(z.looseObject({})), { b: 1, other: true }],
  [
    'a loose object in an optional field',
    z.object({ f: B.and(z.looseObject({})).optional() }),
    { f: { b: 1, other: 1 } },
  ],
  ['three objects, one recursive', B.and(C).and(Recursive), { ...a, b: 1, c: 'x' }],
  ['a nested intersection on the right', Recursive.and(B.and(C)), { ...a, b: 1, c: 'x' }],
  ['three objects, one loose', B.and(C).and(z.looseObject({})), { b: 1, c: 'x', other: 1 }],
  ['a union with a loose option', B.and(z.union([C, z.looseObject({ d: z.string() })])), { b: 1, d: 'x', other: 1 }],
  ['a union of recursive objects', B.and(z.union([Recursive, C])), { ...a, b: 1 }],
  ['a union of intersections', z.union([Recursive.and(B), C]), { ...a, b: 1 }],
  ['a nullable object', B.and(z.nullable(C)), { b: 1, c: 'x' }],
  ['an object with a default', B.and(C.default({ c: 'x' })), { b: 1, c: 'y' }],
  ['an object with a description', B.and(C.describe('It has keywords of its own.')), { b: 1, c: 'x' }],
  ['an object with an id', B.and(C.meta({ id: 'json-schema-c' })), { b: 1, c: 'x' }],
  ['an object with a catchall', Recursive.and(z.object({}).catchall(z.unknown())), { ...a, other: 1 }],
  ['a record', B.and(z.record(z.string(), z.unknown())), { b: 1, other: 'x' }],
  ['a record with known names', B.and(z.record(z.enum(['k', 'l']), z.string())), { b: 1, k: 'x', l: 'y' }],
  ['a partial record', B.and(z.partialRecord(z.enum(['k', 'l']), z.string())), { b: 1, k: 'x' }],
  ['a record of one name', B.and(z.record(z.literal('k'), z.string())), { b: 1, k: 'x' }],
  [
    'a record of several literals',
    B.and(z.record(z.union([z.literal('k'), z.literal('l')]), z.string())),
    { b: 1, k: 'x', l: 'y' },
  ],
  [
    'a record of a pattern',
    z.looseObject({ xb: z.string() }).and(z.record(z.templateLiteral(['x', z.string()]), z.string())),
    { xb: 'x', xc: 'y' },
  ],
  [
    'a recursive object that describes the same list',
    Recursive.and(OtherRecursive),
    { a: 'x', children: [{ a: 'y', other: 1 }], other: 2 },
  ],
  [
    'an object that describes the same field',
    z.object({ f: Recursive }).and(z.object({ f: B }).describe('It has keywords of its own.')),
    { f: { ...a, b: 1 } },
  ],
  ['lists', z.array(B).and(z.array(z.looseObject({}))), [{ b: 1, other: 1 }]],
  ['tuples', z.tuple([B]).and(z.tuple([C])), [{ b: 1, c: 'x' }]],
  [
    'a record of objects',
    z.object({ f: Recursive }).and(z.record(z.string(), z.looseObject({}))),
    { f: { ...a, b: 1 } },
  ],
  ['any value', B.and(z.any()), { b: 1, other: 1 }],
  ['a check of its own', B.and(z.custom<object>(() => true)), { b: 1, other: 1 }],
  ['a refined object', Recursive.refine(() => true).and(B.refine(() => true)), { ...a, b: 1 }],
]

describe('the JSON Schema of an intersection with', () => {
  it.each(accepted)('%s accepts what the schema accepts', (_name, schema, value) => {
    const { acceptsInput, acceptsOutput } = described(schema)
    expect(runtimeAccepts(schema, value)).toBe(true)
    expect(acceptsInput(value)).toBe(true)
    expect(acceptsOutput(schema.parse(value))).toBe(true)
  })

  it.each([
    ['a recursive object', Recursive.and(B), { ...a, b: 1 }],
    ['a recursive object in a field', z.object({ f: B.and(Recursive) }), { f: { ...a, b: 1 } }],
    ['a recursive object and a union', Recursive.and(z.union([B, C])), { ...a, b: 1 }],
    ['a lazy object', B.and(z.lazy(() => C)), { b: 1, c: 'x' }],
    ['an object with a description', B.and(C.describe('It has keywords of its own.')), { b: 1, c: 'x' }],
    ['a nullable object', B.and(z.nullable(C)), { b: 1, c: 'x' }],
  ])('%s still rejects an unknown field', (_name, schema, value) => {
    const { acceptsInput } = described(schema)
    const [name, inner] = Object.entries(value)[0] ?? []
    const withUnknown = name === 'f' ? { f: { ...(inner as object), typo: 1 } } : { ...value, typo: 1 }
    expect(acceptsInput(value)).toBe(true)
    expect(runtimeAccepts(schema, withUnknown)).toBe(false)
    expect(acceptsInput(withUnknown)).toBe(false)
  })

  it('keeps the closed definition of a recursive object for other uses', () => {
    const { acceptsInput } = described(z.object({ p: Recursive, q: Recursive.and(B) }))
    expect(acceptsInput({ p: { ...a, b: 1 }, q: { ...a, b: 1 } })).toBe(false)
    expect(acceptsInput({ p: a, q: { a: 'x', b: 1, children: [{ a: 'y', b: 1 }] } })).toBe(false)
  })
})

interface Sample {
  readonly schema: z.ZodType
  readonly value: unknown
}

const names = ['a', 'b', 'c', 'd'] as const
const leaf: fc.Arbitrary<Sample> = fc.constantFrom<Sample>(
  { schema: z.string(), value: 'x' },
  { schema: z.number(), value: 1 },
  { schema: z.string().optional(), value: 'x' },
  { schema: z.string().nullable(), value: null },
  { schema: z.number().default(1), value: 2 },
  { schema: z.unknown(), value: { deep: true } },
)

const objectOf = (field: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> =>
  fc
    .record({
      fields: fc.dictionary(fc.constantFrom(...names), field, { maxKeys: 3 }),
      kind: fc.constantFrom('plain', 'strict', 'loose', 'catchall'),
      extra: fc.constantFrom('a', 'b', 'z'),
    })
    .map(({ fields, kind, extra }) => {
      const entries = Object.entries(fields)
      const shape = Object.fromEntries(entries.map(([name, { schema }]) => [name, schema]))
      const value: Record<string, unknown> = Object.fromEntries(entries.map(([name, { value: own }]) => [name, own]))
      if (kind === 'strict') return { schema: z.strictObject(shape), value }
      if (kind === 'plain') return { schema: z.object(shape), value }
      const open = { [extra]: 1, ...value }
      return { schema: kind === 'loose' ? z.looseObject(shape) : z.object(shape).catchall(z.unknown()), value: open }
    })

const recursive: fc.Arbitrary<Sample> = fc.constantFrom<Sample>(
  { schema: Recursive, value: a },
  { schema: LooseRecursive, value: { ...a, z: 1 } },
  { schema: StrictRecursive, value: a },
  { schema: LazyRecursive, value: a },
  { schema: SelfPart, value: { v: 'v', next: { v: 'v', w: 'w' } } },
  { schema: z.record(z.string(), z.unknown()), value: { z: 1 } },
  { schema: z.partialRecord(z.enum(['a', 'z']), z.unknown()), value: { z: 1 } },
)

const merged = (left: unknown, right: unknown): unknown => ({ ...(left as object), ...(right as object) })

const objects: fc.Arbitrary<Sample> = fc.letrec<{ node: Sample }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    objectOf(leaf),
    recursive,
    objectOf(fc.oneof(leaf, tie('node'))),
    fc
      .tuple(tie('node'), tie('node'))
      .map(([left, right]) => ({ schema: left.schema.and(right.schema), value: merged(left.value, right.value) })),
    fc.tuple(tie('node'), tie('node'), fc.boolean()).map(([left, right, first]) => ({
      schema: z.union([left.schema, right.schema]),
      value: first ? left.value : right.value,
    })),
    tie('node').map(({ schema, value }) => ({ schema: schema.nullable(), value })),
    tie('node').map(({ schema, value }) => ({ schema: z.lazy(() => schema), value })),
    tie('node').map(({ schema, value }) => ({ schema: schema.describe('described'), value })),
    tie('node').map(({ schema, value }) => ({ schema: z.object({ list: z.array(schema) }), value: { list: [value] } })),
  ),
})).node

it('accepts every input that the schema accepts, and every output that it makes', () => {
  let count = 0
  fc.assert(
    fc.property(objects, ({ schema, value }) => {
      fc.pre(runtimeAccepts(schema, value))
      count++
      const { inputSchema, acceptsInput, acceptsOutput } = described(schema)
      if (!acceptsInput(value))
        throw new Error(`${JSON.stringify(value)} is rejected by ${JSON.stringify(inputSchema)}`)
      return acceptsOutput(schema.parse(value))
    }),
    { numRuns: 200, maxSkipsPerRun: 1000 },
  )
  expect(count).toBeGreaterThanOrEqual(200)
})
