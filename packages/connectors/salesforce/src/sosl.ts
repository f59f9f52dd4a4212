import * as z from 'zod'
import { fieldPath, object } from './inputs.ts'

const limit = z.number().int().min(1).max(2000)

export const Search = z.object({
  // Beyond 4000 characters Salesforce drops operators, and an escape makes two of one.
  search: z.string().min(2).max(2000).describe('Words to find. All of them must occur, in any order.'),
  wildcards: z.boolean().default(false).describe('Whether * and ? in the words stand for other characters.'),
  in: z.enum(['ALL', 'NAME', 'EMAIL', 'PHONE', 'SIDEBAR']).default('ALL').describe('Kind of fields to search.'),
  returning: z
    .array(z.object({ object, fields: z.array(fieldPath).min(1), limit: limit.optional() }))
    .min(1)
    .describe('Objects to search, with the fields to return.'),
  limit: limit.default(20).describe('How many records of all objects.'),
})

/** Returns the SOSL of a search. https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-sosl-syntax.html */
export function soslOf({ search, wildcards, in: group, returning, limit: total }: z.output<typeof Search>): string {
  const objects = returning.map(
    ({ object: from, fields, limit: most }) =>
      `${from}(${fields.join(', ')}${most === undefined ? '' : ` LIMIT ${most}`})`,
  )
  return `FIND {${termOf(search, wildcards)}} IN ${group} FIELDS RETURNING ${objects.join(', ')} LIMIT ${total}`
}

// Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_sosl_find.htm
const RESERVED = /[?&|!{}[\]()^~*:\\"'+-]/g
const RESERVED_BUT_WILDCARDS = /[&|!{}[\]()^~:\\"'+-]/g
/** Words that would be operators outside of quotation marks. */
const OPERATOR = /^(?:and|or|not)$/i

const termOf = (search: string, wildcards: boolean): string =>
  search
    .trim()
    .split(/\s+/)
    .map((word) =>
      OPERATOR.test(word)
        ? `"${word}"`
        : word.replaceAll(wildcards ? RESERVED_BUT_WILDCARDS : RESERVED, String.raw`\$&`),
    )
    .join(' ')
