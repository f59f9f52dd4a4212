import { mark, noContent, nullable } from '@mcpclient/core/define'
import * as z from 'zod'

/** A record with the fields that were asked for. Each org adds objects and fields of its own, so it is a map. */
export const Row = mark(z.record(z.string(), z.unknown()), { untrusted: true, private: true })

const text = nullable(z.string())
const flag = nullable(z.boolean())
const count = nullable(z.number())
const personal = nullable(mark(z.string(), { private: true }))
const list = <Entry extends z.ZodType>(entry: Entry) => nullable(z.array(entry))

/** Salesforce returns no body. */
export const Done = noContent(z.object({ success: z.literal(true) }))

/** A page of a query. */
export const Rows = z.object({
  totalSize: z.number().describe('Records that match, on all pages.'),
  records: z.array(Row),
})

const Failure = z.object({
  statusCode: z.string().describe('Code such as REQUIRED_FIELD_MISSING.'),
  message: z.string(),
  fields: list(z.string()),
})

/** The result of one record. */
export const SaveResult = z.object({
  id: text.describe('Absent if the record was not saved.'),
  success: z.boolean(),
  errors: z.array(Failure),
})

export const UpsertResult = z.object({
  id: text,
  success: z.boolean(),
  created: flag.describe('Whether the record is new.'),
})

const named = { name: z.string(), label: text }
const may = { createable: flag, updateable: flag }

export const ObjectSummary = z.object({
  ...named,
  ...may,
  labelPlural: text,
  keyPrefix: text.describe('First three characters of the ids of its records.'),
  custom: flag,
  deletable: flag,
  queryable: flag,
  searchable: flag,
})

const PicklistValue = z.object({ value: z.string(), label: text, active: flag, defaultValue: flag })

const Field = z.object({
  ...named,
  ...may,
  type: z.string().describe('Such as string, picklist, reference, date, datetime, boolean, currency or id.'),
  length: count,
  nillable: flag,
  defaultedOnCreate: flag.describe('Whether Salesforce sets it if it is absent.'),
  calculated: flag.describe('Whether a formula computes it.'),
  custom: flag,
  externalId: flag.describe('Whether upsert_record can match by it.'),
  unique: flag,
  filterable: flag,
  sortable: flag,
  referenceTo: list(z.string()).describe('Objects that a reference leads to.'),
  relationshipName: text.describe('Name for paths such as Owner.Name.'),
  picklistValues: list(PicklistValue),
  inlineHelpText: text,
})

const ChildRelationship = z.object({ childSObject: z.string(), field: text, relationshipName: text })

export const ObjectDescription = ObjectSummary.extend({
  fields: z.array(Field),
  childRelationships: list(ChildRelationship),
})

export const Updated = z.object({
  ids: z.array(z.string()),
  latestDateCovered: z.string().describe('The start of the next call.'),
})

export const Deleted = z.object({
  deletedRecords: z.array(z.object({ id: z.string(), deletedDate: z.string() })),
  earliestDateAvailable: text.describe('Deletions before it are no longer known.'),
  latestDateCovered: z.string().describe('The start of the next call.'),
})

const Limit = nullable(z.object({ Max: z.number(), Remaining: z.number() }))

export const Limits = z.object({
  DailyApiRequests: Limit.describe('Requests of all apps in 24 hours.'),
  DailyBulkApiBatches: Limit,
  DailyBulkV2QueryJobs: Limit,
  DailyStreamingApiEvents: Limit,
  DataStorageMB: Limit,
  FileStorageMB: Limit,
  MassEmail: Limit,
  SingleEmail: Limit,
})

export const UserInfo = z.object({
  user_id: z.string(),
  organization_id: z.string(),
  preferred_username: personal,
  name: personal,
  email: personal,
  email_verified: flag,
  user_type: text,
  active: flag,
  language: text,
  locale: text,
  zoneinfo: text.describe('IANA name, such as Europe/Berlin.'),
})

/** The result of one request of a composite. */
export const SubrequestResult = z.object({
  referenceId: z.string(),
  httpStatusCode: z.number(),
  body: mark(z.unknown(), { untrusted: true, private: true }).describe('Its response, or a list of errors.'),
})
