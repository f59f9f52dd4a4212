import { cursorPages, del, get, mark, post, put, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { accountId, creates, destroys, issueIdOrKey, reads, to, updates, writes } from '../inputs.ts'
import type { Context } from '../inputs.ts'
import { fieldsOf, project, removable, writable } from '../issue-fields.ts'
import { BOUNDED, isBounded, jqlOf, orderBy, search } from '../jql.ts'
import { issueAt, READS_ONE } from '../requests.ts'
import { richText, shownText, writtenText } from '../rich-text.ts'
import { Done, Issue, Transition } from '../shapes.ts'

const { summary, issuetype, ...others } = writable
const New = z.object({ ...others, ...removable }).partial()
const Changes = z.object({
  ...z.object(writable).partial().shape,
  description: removable.description.nullable().optional(),
  assignee: removable.assignee.nullable().optional(),
  duedate: removable.duedate.nullable().optional(),
})
const fields = z.array(z.string().min(1)).min(1)
const SUMMARY = ['summary', 'issuetype', 'project', 'status', 'priority', 'assignee', 'reporter', 'labels', 'parent']
const DETAILS = ['description', 'resolution', 'components', 'fixVersions', 'subtasks', 'issuelinks', 'attachment']
const DATES = ['created', 'updated', 'duedate']

export const issues = {
  search_issues: tool({
    description: 'Search issues by filters, or by a query in JQL. What was written seconds ago may be missing.',
    ...reads,
    input: z
      .object({
        ...search,
        orderBy,
        fields: fields.default([...SUMMARY, ...DATES]).describe('Fields to return. Custom fields by their ids.'),
        maxResults: z
          .number()
          .int()
          .min(1)
          .max(5000)
          .default(50)
          .describe('Issues in one page; Jira may return fewer.'),
        reconcileIssues: z
          .array(z.number().int())
          .max(50)
          .optional()
          .describe('Ids of issues that were written just now, so that the result has their newest version.'),
      })
      .refine(isBounded, BOUNDED),
    output: z.object({ issues: z.array(Issue) }),
    request: ({ fields: names, maxResults, reconcileIssues, orderBy: order, ...given }) =>
      post('search/jql', { jql: jqlOf(given, order), fields: names, maxResults, reconcileIssues }),
    // A search may find the whole site: a call reads one page unless the caller asks for more.
    pages: cursorPages({ items: 'issues', next: 'nextPageToken', param: 'nextPageToken', place: 'body', max: 1 }),
    examples: [
      { input: { project: 'ENG', assignee: 'currentUser()', updatedSince: '-7d' } },
      { input: { jql: 'project = "ENG" AND statusCategory != Done ORDER BY rank' } },
    ],
  }),
  count_issues: tool({
    description: 'Estimate how many issues match filters or a query in JQL. A search returns no total.',
    ...reads,
    input: z.object(search).refine(isBounded, BOUNDED),
    output: z.object({ count: z.number() }),
    request: (given) => post('search/approximate-count', { jql: jqlOf(given) }),
  }),
  get_issue_details: tool({
    description:
      'Read one issue: its fields, description, links, subtasks and attachments. list_comments has its comments.',
    ...reads,
    input: z.object({
      issueIdOrKey,
      fields: fields
        .default([...SUMMARY, ...DETAILS, ...DATES])
        .describe('Fields to return. Custom fields by their ids, or *all.'),
    }),
    output: Issue,
    request: ({ issueIdOrKey: issue, fields: names }) => get(issueAt(issue), { fields: names }, READS_ONE),
  }),
  create_issue: tool({
    description:
      'Create an issue, or a subtask with parent. Jira does not recognize a repeated call: it creates a second one.',
    ...creates,
    input: z.object({ project: mark(project, { destination: 'channel' }), issuetype, summary, ...New.shape }),
    output: z.object({ id: z.string(), key: z.string() }),
    request: (issue, context: Context) => post('issue', { fields: fieldsOf(issue, context) }),
    preview: (issue) => `Create the ${issue.issuetype} "${issue.summary}" in the project ${issue.project}.`,
    undo: ({ output }) => ({ tool: 'delete_issue', input: { issueIdOrKey: output.id } }),
    reconcile:
      'Find it with search_issues, reporter currentUser() and orderBy created DESC, before you create it again.',
    examples: [{ input: { project: 'ENG', issuetype: 'Task', summary: 'Count the herons', labels: ['field'] } }],
  }),
  update_issue: tool({
    description:
      'Change fields of an issue. Fields that are not passed stay; null empties a field. Lists are replaced.',
    ...updates,
    input: z
      .object({
        issueIdOrKey: to,
        ...Changes.shape,
        notifyUsers: z.boolean().optional().describe('false: send no e-mail. Needs the permission to administer.'),
      })
      .refine(({ issueIdOrKey: _issue, notifyUsers: _notify, ...changes }) => Object.keys(changes).length > 0, {
        message: 'Pass at least one field to change.',
      }),
    output: Done,
    request: ({ issueIdOrKey: issue, notifyUsers, ...changes }, context: Context) =>
      put(issueAt(issue), { fields: fieldsOf(changes, context) }, { query: { notifyUsers } }),
    preview: ({ issueIdOrKey: issue, notifyUsers: _notify, ...changes }) =>
      `Change ${Object.keys(changes).join(', ')} of the issue ${issue}.`,
    undo: 'impossible',
    reconcile: 'Read the issue with get_issue_details: it shows whether the fields have changed.',
  }),
  delete_issue: tool({
    description: 'Delete an issue for good, with its comments, worklogs and attachments.',
    ...destroys,
    input: z.object({
      issueIdOrKey,
      deleteSubtasks: z.boolean().optional().describe('Required for an issue with subtasks: deletes them too.'),
    }),
    output: Done,
    request: ({ issueIdOrKey: issue, deleteSubtasks }) => del(issueAt(issue), undefined, { query: { deleteSubtasks } }),
    preview: ({ issueIdOrKey: issue, deleteSubtasks }) =>
      `Delete the issue ${issue}${deleteSubtasks === true ? ' and its subtasks' : ''} for good.`,
    reconcile: 'Call it again: an error with status 404 means that it was deleted.',
  }),
  assign_issue: tool({
    description: 'Assign an issue to a user, to the default assignee of its project, or to none.',
    ...updates,
    input: z.object({
      issueIdOrKey: to,
      accountId: mark(accountId, { destination: 'recipient' })
        .nullable()
        .describe('accountId of the user; -1 for the default assignee, null for none.'),
    }),
    output: Done,
    request: ({ issueIdOrKey: issue, ...assignee }) => put(`${issueAt(issue)}/assignee`, assignee),
    preview: (input) =>
      input.accountId === null
        ? `Remove the assignee of the issue ${input.issueIdOrKey}.`
        : `Assign the issue ${input.issueIdOrKey} to the user ${input.accountId}.`,
    undo: 'impossible',
    reconcile: 'Read the assignee with get_issue_details.',
  }),
  list_transitions: tool({
    description: 'List the transitions that move an issue from its status to others, for this user.',
    ...reads,
    input: z.object({ issueIdOrKey }),
    output: z.object({ transitions: z.array(Transition) }),
    request: ({ issueIdOrKey: issue }) => get(`${issueAt(issue)}/transitions`),
  }),
  transition_issue: tool({
    description: 'Move an issue to another status by one of its transitions.',
    ...writes,
    input: z.object({
      issueIdOrKey: to,
      transitionId: z.string().min(1).describe('Id of the transition: list_transitions returns it.'),
      resolution: z.string().min(1).optional().describe('Name of the resolution, if the transition asks for one.'),
      comment: richText.optional().describe('A comment to add, if the transition has a field for it.'),
    }),
    output: Done,
    request: ({ issueIdOrKey: issue, transitionId, resolution, comment }, { settings }: Context) =>
      post(`${issueAt(issue)}/transitions`, {
        transition: { id: transitionId },
        ...(resolution !== undefined && { fields: { resolution: { name: resolution } } }),
        ...(comment !== undefined && {
          update: { comment: [{ add: { body: writtenText(comment, settings.apiVersion) } }] },
        }),
      }),
    preview: ({ issueIdOrKey: issue, transitionId, comment }) =>
      `Move the issue ${issue} by the transition ${transitionId}${comment === undefined ? '.' : `, with the comment: ${shownText(comment)}`}`,
    undo: 'impossible',
    reconcile: 'Read the status with get_issue_details.',
  }),
}
