import * as z from 'zod'
import { dateTime, fieldPath, object } from './inputs.ts'

// A literal is never text that a caller wrote as SOQL: names match a pattern, and values are typed and escaped.

const text = z.string().max(4000)
const number = z.number().refine((value) => !String(value).includes('e'), 'Pass a number without an exponent.')
const Moment = z.union([
  z.object({ date: z.string().regex(/^\d{4}-\d\d-\d\d$/, 'A date looks like 2026-11-02.') }),
  z.object({ dateTime }),
  z.object({
    dateLiteral: z
      .string()
      .regex(/^[A-Z]+(?:_[A-Z]+)*(?::\d{1,4})?$/)
      .describe('Such as TODAY, THIS_MONTH or LAST_N_DAYS:30.'),
  }),
])
const Value = z.union([text, number, z.boolean(), Moment])

/** One comparison. https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-comparisonoperators.html */
export const Condition = z.discriminatedUnion('operator', [
  z.object({ field: fieldPath, operator: z.enum(['=', '!=']), value: Value.nullable() }),
  z.object({ field: fieldPath, operator: z.enum(['<', '<=', '>', '>=']), value: z.union([text, number, Moment]) }),
  z.object({
    field: fieldPath,
    operator: z.literal('LIKE'),
    value: text.describe(String.raw`% stands for any characters, _ for one. \% and \_ stand for themselves.`),
  }),
  z.object({ field: fieldPath, operator: z.enum(['IN', 'NOT IN']), value: z.array(Value).min(1) }),
  z.object({
    field: fieldPath,
    operator: z.enum(['INCLUDES', 'EXCLUDES']),
    value: z.array(text).min(1).describe('Values of a multi-select picklist. "A;B" stands for both.'),
  }),
])

export const Order = z.object({
  field: fieldPath,
  direction: z.enum(['ASC', 'DESC']).default('ASC'),
  nulls: z.enum(['FIRST', 'LAST']).optional(),
})

export const Selection = z.object({
  object,
  fields: z.array(fieldPath).min(1).describe('Fields to return: describe_object lists them.'),
  where: z.array(Condition).optional().describe('Conditions. Absent: all records.'),
  match: z.enum(['all', 'any']).default('all').describe('Whether all conditions or any one of them must be true.'),
  orderBy: z.array(Order).optional(),
  limit: z.number().int().min(1).max(2000).default(100).describe('How many records.'),
  offset: z.number().int().min(0).max(2000).optional().describe('How many records to skip.'),
})

/** Returns the SOQL of a selection. */
export function soqlOf(selection: z.output<typeof Selection>): string {
  const { object: from, fields, where = [], match, orderBy = [], limit, offset } = selection
  const conditions = where.map(condition).join(match === 'any' ? ' OR ' : ' AND ')
  const order = orderBy.map(({ field, direction, nulls }) =>
    [field, direction, ...(nulls === undefined ? [] : [`NULLS ${nulls}`])].join(' '),
  )
  return [
    `SELECT ${fields.join(', ')} FROM ${from}`,
    ...(where.length > 0 ? [`WHERE ${conditions}`] : []),
    ...(order.length > 0 ? [`ORDER BY ${order.join(', ')}`] : []),
    `LIMIT ${limit}`,
    ...(offset === undefined ? [] : [`OFFSET ${offset}`]),
  ].join(' ')
}

function condition({ field, operator, value }: z.output<typeof Condition>): string {
  const compared = Array.isArray(value)
    ? `(${value.map(literal).join(', ')})`
    : operator === 'LIKE'
      ? quoted(value, /['\n\r\t\b\f]|\\(?![%_])/g)
      : literal(value)
  return `${field} ${operator} ${compared}`
}

function literal(value: z.output<typeof Value> | null): string {
  if (typeof value === 'string') return quoted(value, /['\\\n\r\t\b\f]/g)
  if (value === null || typeof value !== 'object') return String(value)
  return Object.values(value).join()
}

// https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-quotedstringescapes.html
const SEQUENCES: Readonly<Record<string, string>> = {
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
  '\b': String.raw`\b`,
  '\f': String.raw`\f`,
}

const quoted = (value: string, reserved: RegExp): string =>
  `'${value.replaceAll(reserved, (character) => SEQUENCES[character] ?? `\\${character}`)}'`
