import { createMcpClient } from '@mcpclient/core'
import { errorOf, scriptedTransport, seededRandom } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { salesforce } from '../src/index.ts'

const instanceUrl = 'https://heron.my.salesforce.com'

/** Returns the text of the query that a call sends, or the error without a request. */
async function sent(tool: string, input: object): Promise<string> {
  const transport = scriptedTransport([{ json: { totalSize: 0, records: [], searchRecords: [] } }])
  const mcp = createMcpClient({ connectors: { crm: salesforce({ token: '00D!t', instanceUrl }) }, transport })
  await mcp.client('crm', 'ada').invoke(tool, input)
  return new URL(transport.requests[0]?.url ?? '').searchParams.get('q') ?? ''
}

const rejected = async (tool: string, input: object) => (await errorOf(sent(tool, input))).code

const compared = (operator: string, value: unknown) =>
  sent('find_records', { object: 'Account', fields: ['Id'], where: [{ field: 'Name', operator, value }] })

/** A string literal of SOQL, as its documentation defines it. */
const LITERAL = /'((?:[^'\\]|\\.)*)'/gs
const PLAIN: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }
const read = (literal: string): string => literal.replaceAll(/\\(.)/gs, (_all, c: string) => PLAIN[c] ?? c)

/** Splits SOQL into its text without literals, and the values of the literals. */
const parsed = (soql: string) => ({
  text: soql.replaceAll(LITERAL, '?'),
  values: [...soql.matchAll(LITERAL)].map(([, literal = '']) => read(literal)),
})

const HOSTILE = [
  "' OR Name != '",
  "\\' OR Name != '",
  "\\\\' OR Name != '",
  "x'--",
  '\\',
  "'",
  "''",
  'a\nb\r\tc\b\f',
  "%' LIMIT 1 OFFSET 5 --",
  'a"b',
  '${q}$&$1',
  '\u2019 and \u02BC',
]

describe('a value of a condition', () => {
  it.each(HOSTILE)('is one literal: %j', async (value) => {
    expect(parsed(await compared('=', value))).toEqual({
      text: 'SELECT Id FROM Account WHERE Name = ? LIMIT 100',
      values: [value],
    })
    expect(parsed(await compared('IN', [value, value]))).toEqual({
      text: 'SELECT Id FROM Account WHERE Name IN (?, ?) LIMIT 100',
      values: [value, value],
    })
    expect(parsed(await compared('LIKE', value)).text).toBe('SELECT Id FROM Account WHERE Name LIKE ? LIMIT 100')
    expect(parsed(await compared('INCLUDES', [value])).values).toEqual([value])
  })

  it('is one literal for random strings of reserved characters', async () => {
    const random = seededRandom(11)
    const alphabet = String.raw`'"\%_ ORx()` + '\n'
    for (let round = 0; round < 150; round++) {
      const value = Array.from({ length: 8 }, () => alphabet[Math.floor(random() * alphabet.length)]).join('')
      expect(parsed(await compared('=', value)).values).toEqual([value])
      expect(parsed(await compared('LIKE', value)).text).toBe('SELECT Id FROM Account WHERE Name LIKE ? LIMIT 100')
    }
  })

  it.each([
    ['A%_', "'A%_'"],
    [String.raw`100\%`, String.raw`'100\%'`],
    [String.raw`a\_b%`, String.raw`'a\_b%'`],
    [String.raw`C:\temp`, String.raw`'C:\\temp'`],
  ])('keeps wildcards of LIKE and their escapes: %s', async (value, literal) => {
    expect(await compared('LIKE', value)).toBe(`SELECT Id FROM Account WHERE Name LIKE ${literal} LIMIT 100`)
  })

  it.each([
    ['=', true, 'true'],
    ['!=', null, 'null'],
    ['<', 12.5, '12.5'],
    ['>=', { date: '2026-11-02' }, '2026-11-02'],
    ['=', { dateLiteral: 'N_DAYS_AGO:3' }, 'N_DAYS_AGO:3'],
    ['NOT IN', [1, null], undefined],
    ['>', null, undefined],
    ['=', [1], undefined],
    ['LIKE', 5, undefined],
    ['=', 1e21, undefined],
    ['=', { date: '2026-11-02 OR Id != null' }, undefined],
    ['=', { dateTime: '2026-11-02T00:00:00Z\n' }, undefined],
    ['=', { dateLiteral: 'TODAY OR Id != null' }, undefined],
    ['=', { date: '2026-11-02', dateLiteral: 'TODAY' }, undefined],
    ['= NULL OR Id !=', 'x', undefined],
  ])('has the type of its operator: %s %j', async (operator, value, literal) => {
    const input = { object: 'Account', fields: ['Id'], where: [{ field: 'Name', operator, value }] }
    if (literal === undefined) expect(await rejected('find_records', input)).toBe('INVALID_INPUT')
    else expect(await sent('find_records', input)).toContain(`WHERE Name ${operator} ${literal} LIMIT`)
  })
})

describe('a name', () => {
  const names = [
    'Id, (SELECT Id FROM Contacts)',
    'Id FROM User --',
    'Name)',
    "Na'me",
    'a.b.c.d.e.f.g',
    '1st',
    '',
    'Na\nme',
  ]

  it.each(names)('is a name and no SOQL: %j', async (name) => {
    const base = { object: 'Account', fields: ['Id'] }
    for (const input of [
      { ...base, fields: [name] },
      { ...base, object: name },
      { ...base, where: [{ field: name, operator: '=', value: 1 }] },
      { ...base, orderBy: [{ field: name }] },
    ]) {
      expect(await rejected('find_records', input)).toBe('INVALID_INPUT')
    }
    const returning = [{ object: name, fields: ['Id'] }]
    expect(await rejected('search_records', { search: 'reeds', returning })).toBe('INVALID_INPUT')
  })
})

describe('the words of a search', () => {
  const term = async (search: string, wildcards = false) => {
    const sosl = await sent('search_records', { search, wildcards, returning: [{ object: 'Lead', fields: ['Id'] }] })
    const [, found = ''] = /^FIND \{(.*)\} IN ALL FIELDS RETURNING Lead\(Id\) LIMIT 20$/s.exec(sosl) ?? []
    return found
  }

  it.each([
    ['heron', 'heron'],
    [
      'a} IN NAME FIELDS RETURNING User(Id) LIMIT 5 --',
      String.raw`a\} IN NAME FIELDS RETURNING User\(Id\) LIMIT 5 \-\-`,
    ],
    ['? & | ! { } [ ] ( ) ^ ~ * : \\ " \' + -', String.raw`\? \& \| \! \{ \} \[ \] \( \) \^ \~ \* \: \\ \" \' \+ \-`],
    ['reeds AND herons or not egrets', 'reeds "AND" herons "or" "not" egrets'],
    ['  two\n words\t', 'two words'],
    ['her*n', String.raw`her\*n`],
  ])('are escaped: %j', async (search, expected) => {
    expect(await term(search)).toBe(expected)
  })

  it('keep wildcards if the caller asks for them', async () => {
    expect(await term('her?n* (north)', true)).toBe(String.raw`her?n* \(north\)`)
  })
})
