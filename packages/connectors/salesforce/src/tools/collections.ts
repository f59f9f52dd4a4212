import { del, mark, patch, post, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { allOrNone, destroys, id, object, writes } from '../inputs.ts'
import { SaveResult } from '../shapes.ts'

// At most 200 records. https://developer.salesforce.com/docs/platform/api-rest/guide/resources-composite-sobjects-collections-create.html
const MAX_RECORDS = 200
const attributes = z.object({ type: object })
const upTo200 = <Entry extends z.ZodType>(entry: Entry) => z.array(entry).min(1).max(MAX_RECORDS)
/** Records that others in the org see. */
const shared = <Entry extends z.ZodType>(entry: Entry) => mark(upTo200(entry), { destination: 'channel' })
const New = z
  .looseObject({ attributes })
  .refine((record) => !('id' in record || 'Id' in record), 'A new record has no id.')
const Existing = z.looseObject({ attributes, id })

const kindsOf = (records: readonly { readonly attributes: { readonly type: string } }[]): string =>
  [...new Set(records.map(({ attributes: { type } }) => type))].join(', ')
const each = 'The output has one result for each record, in the same order: check success.'

export const collections = {
  create_records: tool({
    description: `Create up to 200 records, also of different objects. ${each}`,
    ...writes,
    input: z.object({
      allOrNone,
      records: shared(New).describe('Each has attributes.type, and its fields by API name.'),
    }),
    output: z.array(SaveResult),
    request: (input) => post('composite/sobjects', input),
    preview: ({ records }) => `Create ${records.length} records of ${kindsOf(records)}.`,
    undo({ output }) {
      const ids = output.flatMap(({ id: created }) => created ?? [])
      return ids.length === 0 ? undefined : { tool: 'delete_records', input: { ids } }
    },
    reconcile: 'Find them with find_records, ordered by CreatedDate, before you create them again.',
    examples: [{ input: { records: [{ attributes: { type: 'Contact' }, LastName: 'Reed' }] } }],
  }),
  update_records: tool({
    description: `Change fields of up to 200 records, also of different objects. ${each}`,
    ...writes,
    input: z.object({
      allOrNone,
      records: shared(Existing).describe('Each has attributes.type, id, and the fields to change.'),
    }),
    output: z.array(SaveResult),
    request: (input) => patch('composite/sobjects', input),
    preview: ({ records }) => `Change ${records.length} records of ${kindsOf(records)}.`,
    undo: 'impossible',
    reconcile: 'Read the records with find_records: they show whether the fields have changed.',
  }),
  delete_records: tool({
    description: `Delete up to 200 records, also of different objects. ${each}`,
    ...destroys,
    input: z.object({ allOrNone, ids: upTo200(id) }),
    output: z.array(SaveResult),
    request: ({ ids, allOrNone: all }) =>
      del('composite/sobjects', undefined, { query: { ids: ids.join(','), allOrNone: all ? true : undefined } }),
    preview: ({ ids }) => `Delete ${ids.length} records: ${ids.join(', ')}.`,
    reconcile: 'Call it again: ENTITY_IS_DELETED means that a record was deleted.',
  }),
}
