import * as z from 'zod'

const value = z.string().min(1)
const values = z.union([value, z.array(value).min(1).max(100)])
const user = value.describe('accountId of a user, currentUser(), or EMPTY for none.')

/** The filters. A search needs one of them. */
const filters = {
  project: values.optional().describe('Keys, names or ids of projects.'),
  issuetype: values.optional().describe('Names or ids of issue types.'),
  status: values.optional().describe('Names or ids of statuses.'),
  assignee: user.optional(),
  reporter: user.optional(),
  labels: values.optional().describe('Issues with any of these labels.'),
  text: value.optional().describe('Words in any text field; "several words" in quotes, heron* with a wildcard.'),
  updatedSince: z
    .string()
    .regex(
      /^(?:-\d{1,5}[mhdw]|\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2})?)$/,
      'Write it as -7d, 2026-11-05 or 2026-11-05 14:30.',
    )
    .optional()
    .describe("A time before now (-30m, -12h, -7d, -2w), or a day or minute in the time zone of the user's profile."),
}

/** The input of a search: filters, or a query in JQL. */
export const search = {
  jql: value.optional().describe('A query in JQL instead of the filters. It needs at least one restriction.'),
  ...filters,
}

/** The order of the issues that filters find. */
export const orderBy = z
  .enum(['updated DESC', 'updated ASC', 'created DESC', 'created ASC', 'priority DESC', 'duedate ASC', 'key ASC'])
  .default('updated DESC')
  .describe('The order of what the filters find. A query in jql has its own ORDER BY.')

type Search = z.output<z.ZodObject<typeof search>>

/** Returns whether a search has either a query or a filter. Jira refuses a search without a restriction. */
export const isBounded = ({ jql, ...given }: Search): boolean => {
  const hasFilter = Object.keys(filters).some((name) => given[name as keyof typeof filters] !== undefined)
  return hasFilter !== (jql !== undefined)
}

export const BOUNDED = 'Pass either jql or at least one filter.'

/** Returns the query in JQL. Every value is quoted, so none can change the query. */
export function jqlOf({ jql, ...filter }: Search, order?: string): string {
  if (jql !== undefined) return jql
  const clauses = [
    among('project', filter.project),
    among('issuetype', filter.issuetype),
    among('status', filter.status),
    isUser('assignee', filter.assignee),
    isUser('reporter', filter.reporter),
    among('labels', filter.labels),
    filter.text === undefined ? undefined : `text ~ ${quoted(filter.text)}`,
    filter.updatedSince === undefined ? undefined : `updated >= ${quoted(filter.updatedSince)}`,
  ].filter((clause) => clause !== undefined)
  return clauses.join(' AND ') + (order === undefined ? '' : ` ORDER BY ${order}`)
}

function among(field: string, given: string | readonly string[] | undefined): string | undefined {
  if (given === undefined) return undefined
  return typeof given === 'string' ? `${field} = ${quoted(given)}` : `${field} in (${given.map(quoted).join(', ')})`
}

function isUser(field: string, given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  if (given === 'EMPTY') return `${field} is EMPTY`
  return `${field} = ${given === 'currentUser()' ? given : quoted(given)}`
}

/** Returns a string literal of JQL. */
export const quoted = (text: string): string =>
  `"${text.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll(/[\p{Cc}\u2028\u2029]/gu, escaped)}"`

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
