import { fromJsonSchema } from '@modelcontextprotocol/client'
import { describe, expect, it } from 'vitest'
import { SchemaValidator } from '../../src/json-schema/schema-validator.ts'

/** Conditions are written as JSON, so that no object literal looks like a promise. */
const json = (text: string) => JSON.parse(text) as object

const check = (schema: unknown, value: unknown) => new SchemaValidator(schema).validate(value)
const isValid = (schema: unknown, value: unknown) => check(schema, value).faults.length === 0

const values: readonly unknown[] = [
  null,
  true,
  0,
  3,
  4.5,
  -1,
  '',
  'a',
  'abc',
  '👍👍',
  'ada@example.com',
  '2026-02-30',
  '2026-02-28',
  '2026-02-28T10:00:00Z',
  'https://example.com/a?b',
  '6f1b8f3e-5b7c-4d3e-9a55-0c1d2e3f4a5b',
  '10.0.0.256',
  '10.0.0.1',
  '::1',
  [],
  [1],
  [1, 2, 2],
  ['a', 1],
  [{ a: 1 }, { a: 1 }],
  [
    { a: 1, b: 2 },
    { b: 2, a: 1 },
  ],
  {},
  { a: 1 },
  { a: 'x', b: 2 },
  { a: null },
  { x_1: 1, a: 1 },
  { kind: 'cat', lives: 9 },
  { kind: 'dog' },
  { a: { a: { a: 1 } } },
]

const schemas: readonly object[] = [
  {},
  ...['null', 'boolean', 'number', 'integer', 'string', 'array', 'object'].map((type) => ({ type })),
  { type: ['string', 'null'] },
  { enum: ['a', 3, null, [1], { a: 1 }] },
  { const: { b: 2, a: 'x' } },
  { minLength: 2, maxLength: 3 },
  { pattern: '^a' },
  { minimum: 0, maximum: 4 },
  { exclusiveMinimum: 0, exclusiveMaximum: 4.5 },
  { multipleOf: 1.5 },
  { minItems: 1, maxItems: 2 },
  { uniqueItems: true },
  { items: { type: 'number' } },
  { prefixItems: [{ type: 'string' }], items: { type: 'number' } },
  { prefixItems: [{ type: 'number' }], items: false },
  { contains: { const: 2 } },
  { contains: { type: 'number' }, minContains: 2, maxContains: 3 },
  { contains: { const: 2 }, minContains: 0 },
  { required: ['a'] },
  { minProperties: 1, maxProperties: 1 },
  { properties: { a: { type: 'number' } } },
  { properties: { a: true }, additionalProperties: false },
  { additionalProperties: { type: 'number' } },
  { patternProperties: { '^x_': { type: 'string' } } },
  { patternProperties: { '^x_': true }, properties: { a: true }, additionalProperties: false },
  { patternProperties: { '^x_': true, '^[ab]$': true }, additionalProperties: false },
  { propertyNames: { maxLength: 1 } },
  { dependentRequired: { a: ['b'] } },
  { dependentSchemas: { a: { required: ['b'] } } },
  { allOf: [{ type: 'object' }, { required: ['a'] }] },
  { anyOf: [{ type: 'string' }, { required: ['a'] }] },
  { oneOf: [{ type: 'object' }, { required: ['a'] }] },
  {
    oneOf: [
      { properties: { kind: { const: 'cat' } }, required: ['kind', 'lives'] },
      { properties: { kind: { const: 'dog' } } },
    ],
  },
  { not: { type: 'object' } },
  json('{ "if": { "required": ["kind"] }, "then": { "required": ["lives"] }, "else": { "maxProperties": 1 } }'),
  { $ref: '#/$defs/A%20~1', $defs: { 'A /': { type: 'object' } } },
  { properties: { a: { $ref: '#' } }, type: ['object', 'number'] },
  { $ref: '#named', $defs: { x: { $anchor: 'named', type: 'string' } } },
  { properties: { a: true }, unevaluatedProperties: false },
  { anyOf: [{ properties: { a: { type: 'number' } } }, { properties: { b: true } }], unevaluatedProperties: false },
  { allOf: [{ properties: { a: true } }], unevaluatedProperties: { type: 'number' } },
  { prefixItems: [true], unevaluatedItems: { const: 2 } },
  ...['email', 'date', 'date-time', 'uri', 'uuid', 'ipv4', 'ipv6'].map((format) => ({ type: 'string', format })),
]

describe('a schema of a server', () => {
  it.each(schemas.map((schema) => [JSON.stringify(schema), schema]))(
    'judges as a compiled validator does: %s',
    (_name, schema) => {
      const { validate } = fromJsonSchema(schema)['~standard']
      const expected = values.map((value) => {
        const verdict = validate(value)
        return !(verdict instanceof Promise) && verdict.issues === undefined
      })
      expect(values.map((value) => isValid(schema, value))).toEqual(expected)
    },
  )

  it.each([
    [{ items: [{ type: 'string' }], additionalItems: false }, ['a'], ['a', 1]],
    [{ dependencies: { a: ['b'], c: { required: ['d'] } } }, { a: 1, b: 2 }, { c: 1 }],
    [{ minimum: 3, exclusiveMinimum: true }, 4, 3],
    [{ type: 'string', nullable: true }, null, 1],
    [{ definitions: { A: { type: 'number' } }, properties: { a: { $ref: '#/definitions/A' } } }, { a: 1 }, { a: 'x' }],
  ])('reads what older drafts write: %o', (schema, good, bad) => {
    expect([isValid(schema, good), isValid(schema, bad)]).toEqual([true, false])
  })

  it.each([
    ['time', ['00:00:00Z', '23:59:60Z', '12:30:45.123456z', '12:30:45+23:59', '12:30:45-00:00', '12:30:45+0130']],
    ['date-time', ['2026-11-21T12:30:45Z', '2024-02-29t00:00:00.5+01:00', '2026-11-21 12:30:45Z']],
    ['date', ['2026-01-01', '2024-02-29', '2026-12-31']],
    ['ipv4', ['0.0.0.0', '255.255.255.255']],
    ['hostname', ['a', 'a-b.example', `${'a'.repeat(63)}.example`]],
    ['email', ['a@b', `${'a'.repeat(318)}@b`]],
    ['uri', ['a:', 'https://example.com/?q#f', 'urn:isbn:1']],
    ['uuid', ['123e4567-e89b-12d3-a456-426614174000', 'urn:uuid:123E4567-E89B-12D3-A456-426614174000']],
  ])('accepts what the format %s allows: %j', (format, texts) => {
    for (const text of texts) expect([text, isValid({ format }, text)]).toEqual([text, true])
  })

  it.each([
    [
      'time',
      ['noon', '', '24:00:00Z', '12:60:00Z', '12:30:61Z', '12:30:45+24:00', '12:30:45+01:60', '12:30:45', '2:30:45Z'],
    ],
    ['date-time', ['2026-11-21', '2026-11-21T25:00:00Z', '2026-02-29T12:00:00Z', '2026-11-21_12:30:45Z', 'noon']],
    ['date', ['2026-00-01', '2026-13-01', '2026-02-29', '2026-04-31', '2026-1-1', 'today', '']],
    ['ipv4', ['256.0.0.0', '0.0.0', '0.0.0.0.0', '01.0.0.0', '1.2.3.x', '']],
    ['hostname', ['-a', 'a-', 'a..b', `${'a'.repeat(64)}.example`, 'ä', '']],
    ['email', ['a', 'a@', '@b', 'a b@c', `${'a'.repeat(319)}@b`, '']],
    ['uri', ['example.com', '1a:b', 'a:b c', '']],
    ['uuid', ['123e4567-e89b-12d3-a456-42661417400', '123e4567e89b12d3a456426614174000', '']],
  ])('rejects what the format %s does not allow: %j', (format, texts) => {
    for (const text of texts) expect([text, isValid({ format }, text)]).toEqual([text, false])
  })

  it.each([
    ['a pattern that backtracks', { pattern: '^(?=a)(a+)+$' }, 'a!'],
    ['a reference to another document', { $ref: 'https://example.com/schema.json' }, 1],
    ['a dangling reference', { $ref: '#/$defs/Missing' }, 1],
    ['an unknown format', { format: 'wobble' }, 'x'],
    ['an unknown type', { type: 'wobble' }, 'x'],
    ['a negated pattern that backtracks', { not: { pattern: '(?!x)' } }, 'a'],
    ['alternatives with a pattern that backtracks', { oneOf: [{ pattern: '(?!x)' }, { minLength: 0 }] }, 'a'],
    ['a condition with a pattern that backtracks', json('{ "if": { "pattern": "(?!x)" }, "then": false }'), 'a'],
    ['a reference to itself', { $ref: '#' }, 1],
    ['references without end', { allOf: [{ $ref: '#' }, { $ref: '#' }] }, 1],
    ['alternatives that double at each level', doubling(60), 1],
    ['a value that is nested too deeply', { properties: { a: { $ref: '#' } } }, nested(5000)],
    ['equality of a value that is nested too deeply', { uniqueItems: true }, [nested(5000)]],
    [
      'a large enumeration for many items',
      { items: { enum: numbers(5000) } },
      numbers(5000).map((each) => each + 5000),
    ],
    [
      'many patterns for many members',
      { patternProperties: Object.fromEntries(numbers(2000).map((n) => [`^(a|b)*${n}$`, {}])) },
      Object.fromEntries(numbers(2000).map((n) => [`${'ab'.repeat(20)}${n}`, n])),
    ],
    [
      'many required names for many items',
      { items: { required: numbers(5000).map(String) } },
      numbers(5000).map(() =>
        Object.fromEntries(
          numbers(5000)
            .slice(0, 1)
            .map((n) => [n, n]),
        ),
      ),
    ],
  ])('skips %s, and reports it as unchecked', (_name, schema, value) => {
    const { unchecked } = check(schema, value)
    expect(unchecked).toHaveLength(1)
  })

  it.each([
    [{ pattern: '^(a+)+$' }, `${'a'.repeat(29)}!`],
    [{ additionalProperties: { pattern: '^(a|a)*$' } }, { a: `${'a'.repeat(5000)}!` }],
    [{ patternProperties: { '^(a+)+$': false }, propertyNames: { pattern: '^(b+)+$' } }, { [`${'a'.repeat(40)}!`]: 1 }],
    [{ uniqueItems: true }, [...numbers(50_000), 1]],
  ])('rejects in bounded time what a backtracking engine cannot: %o', (schema, value) => {
    expect(check(schema, value)).toMatchObject({ faults: [expect.any(String)], unchecked: [] })
  })

  it('names where a fault is, within bounds', () => {
    const schema = { properties: { items: { items: { properties: { name: { type: 'string' } }, required: ['id'] } } } }
    expect(check(schema, { items: [{ id: 1, name: 2 }, {}] }).faults).toEqual([
      'items.0.name must be string',
      'items.1 must have "id"',
    ])
    expect(check(schema, { items: numbers(100).map(() => ({})) }).faults).toHaveLength(5)
  })
})

function doubling(levels: number): object {
  const defs = Object.fromEntries(
    numbers(levels).map((level) => [
      `l${level}`,
      { anyOf: [false, { allOf: [{ $ref: `#/$defs/l${level + 1}` }, { $ref: `#/$defs/l${level + 1}` }] }] },
    ]),
  )
  return { $ref: '#/$defs/l0', $defs: { ...defs, [`l${levels}`]: true } }
}

function nested(levels: number): object {
  let value: object = {}
  for (let level = 0; level < levels; level++) value = { a: value }
  return value
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}
