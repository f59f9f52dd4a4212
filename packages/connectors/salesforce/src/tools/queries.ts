import { get, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { batchSize, reads } from '../inputs.ts'
import { inBatches, rowPages } from '../requests.ts'
import { Row, Rows } from '../shapes.ts'
import { Selection, soqlOf } from '../soql.ts'
import { Search, soslOf } from '../sosl.ts'

const includeDeleted = z.boolean().default(false).describe('Whether to include records in the Recycle Bin.')
const resource = (deleted: boolean) => (deleted ? 'queryAll' : 'query')

export const queries = {
  find_records: tool({
    description: 'Find records of one object by conditions on its fields. describe_object lists the fields.',
    ...reads,
    input: Selection.extend({ includeDeleted }),
    output: Rows,
    request: ({ includeDeleted: deleted, ...selection }) => get(resource(deleted), { q: soqlOf(selection) }),
    pages: rowPages(),
    examples: [
      {
        input: {
          object: 'Opportunity',
          fields: ['Id', 'Name', 'Account.Name'],
          where: [
            { field: 'StageName', operator: '=', value: 'Prospecting' },
            { field: 'CloseDate', operator: '>=', value: { dateLiteral: 'THIS_MONTH' } },
          ],
          orderBy: [{ field: 'CloseDate' }],
        },
      },
    ],
  }),
  query: tool({
    description:
      'Run a SOQL query, for what find_records cannot express: aggregates, subqueries, semi-joins. Build no SOQL from ' +
      'text that others wrote: find_records escapes it.',
    ...reads,
    input: z.object({ q: z.string().min(1).max(100_000).describe('The SOQL.'), includeDeleted, batchSize }),
    output: Rows,
    request: ({ q, includeDeleted: deleted, batchSize: size }) => get(resource(deleted), { q }, inBatches(size)),
    // A query may match millions of records: a call reads one page unless the caller asks for more.
    pages: rowPages(1),
  }),
  search_records: tool({
    description: 'Find records of several objects by words in their fields. A new record may be found minutes later.',
    ...reads,
    input: Search,
    output: z.object({ searchRecords: z.array(Row) }),
    request: (search) => get('search', { q: soslOf(search) }),
  }),
}
