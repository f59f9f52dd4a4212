import { del, get, patch, path, post, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { dateTime, destroys, fieldPath, id, name, object, reads, to, values, writes } from '../inputs.ts'
import { rowAt, rowsOf } from '../requests.ts'
import { Deleted, Done, Row, SaveResult, Updated, UpsertResult } from '../shapes.ts'

const named = (fields: object): string => Object.keys(fields).join(', ')
const During = z
  .object({
    object,
    start: dateTime.describe('Start of the time. Salesforce ignores the seconds.'),
    end: dateTime.describe('End of the time, more than a minute after the start.'),
  })
  .refine(({ start, end }) => Date.parse(end) - Date.parse(start) > 60_000, {
    path: ['end'],
    message: 'It is not more than a minute after the start.',
  })

export const records = {
  get_record: tool({
    description: 'Get one record by its id, with all fields or those that you name.',
    ...reads,
    input: z.object({ object, id, fields: z.array(fieldPath).min(1).optional().describe('Absent: all fields.') }),
    output: Row,
    request: ({ fields, ...row }) => get(rowAt(row), { fields: fields?.join(',') }),
  }),
  create_record: tool({
    description: 'Create a record. Salesforce does not recognize a repeated call: it creates a second record.',
    ...writes,
    input: z.object({ object: to, fields: values }),
    output: SaveResult,
    request: ({ object: kind, fields }) => post(rowsOf(kind), fields),
    preview: ({ object: kind, fields }) => `Create a record of ${kind} with ${named(fields)}.`,
    undo: ({ input, output }) =>
      output.id === undefined ? undefined : { tool: 'delete_record', input: { object: input.object, id: output.id } },
    reconcile: 'Find it with find_records, ordered by CreatedDate, before you create it again.',
    examples: [{ input: { object: 'Account', fields: { Name: 'Heron Fisheries', Industry: 'Agriculture' } } }],
  }),
  update_record: tool({
    description: 'Change fields of a record. Fields that are not passed stay as they are.',
    ...writes,
    input: z.object({ object: to, id, fields: values }),
    output: Done,
    request: ({ fields, ...row }) => patch(rowAt(row), fields),
    preview: ({ object: kind, id: row, fields }) => `Change ${named(fields)} of the record ${row} of ${kind}.`,
    undo: 'impossible',
    reconcile: 'Read the record with get_record: it shows whether the fields have changed.',
  }),
  upsert_record: tool({
    description: 'Update the record that has this external id, or create one if there is none.',
    ...writes,
    // An external id that matches one record updates it, so the second request sets the same values.
    // Source: https://developer.salesforce.com/docs/platform/api-rest/guide/dome-upsert.html
    idempotent: true,
    input: z.object({
      object: to,
      externalIdField: name.describe('A field with externalId: true in describe_object.'),
      externalId: z.string().min(1).describe('Its value. It does not belong in fields.'),
      fields: values,
      updateOnly: z.boolean().default(false).describe('Whether to fail if there is no such record.'),
    }),
    output: UpsertResult,
    request: ({ object: kind, externalIdField, externalId, fields, updateOnly }) =>
      patch(path`sobjects/${kind}/${externalIdField}/${externalId}`, fields, {
        query: { updateOnly: updateOnly ? true : undefined },
      }),
    preview: ({ object: kind, externalIdField, externalId, fields }) =>
      `Create or update the record of ${kind} with ${externalIdField} ${externalId}: ${named(fields)}.`,
    undo: 'impossible',
  }),
  delete_record: tool({
    description: 'Delete a record. It stays in the Recycle Bin for a while, with the records that depend on it.',
    ...destroys,
    input: z.object({ object, id }),
    output: Done,
    request: (row) => del(rowAt(row)),
    preview: ({ object: kind, id: row }) => `Delete the record ${row} of ${kind}.`,
    reconcile: 'Call it again: ENTITY_IS_DELETED means that it was deleted.',
  }),
  list_updated_records: tool({
    description: 'List the ids of records that were created or changed in a time, at most 30 days ago.',
    ...reads,
    input: During,
    output: Updated,
    request: ({ object: kind, ...during }) => get(`${rowsOf(kind)}/updated`, during),
  }),
  list_deleted_records: tool({
    description:
      'List the ids of records that were deleted in a time, at most 15 days ago. Ask often: Salesforce may forget ' +
      'deletions after two hours if there are many.',
    ...reads,
    input: During,
    output: Deleted,
    request: ({ object: kind, ...during }) => get(`${rowsOf(kind)}/deleted`, during),
  }),
}
