import { del, get, path, post, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { destroys, issueIdOrKey, pageSize, reads, to, visibility, writes } from '../inputs.ts'
import type { Context } from '../inputs.ts'
import { issueAt, pagesOf } from '../requests.ts'
import { richText, writtenText } from '../rich-text.ts'
import { Done, Worklog } from '../shapes.ts'

/** Jira takes milliseconds and an offset without a colon: 2026-11-05T14:30:00.000+0000. */
const timeOf = (iso: string): string => new Date(iso).toISOString().replace('Z', '+0000')

export const worklogs = {
  list_worklogs: tool({
    description: 'List the work that was logged on an issue, oldest first.',
    ...reads,
    input: z.object({ issueIdOrKey, maxResults: pageSize('Worklogs', 5000) }),
    output: z.object({ worklogs: z.array(Worklog) }),
    request: ({ issueIdOrKey: issue, ...query }) => get(`${issueAt(issue)}/worklog`, query),
    pages: pagesOf('worklogs'),
  }),
  add_worklog: tool({
    description: 'Log work on an issue. Jira reduces the remaining estimate by it.',
    ...writes,
    input: z.object({
      issueIdOrKey: to,
      timeSpentSeconds: z.number().int().min(60).describe('Seconds of work; Jira counts whole minutes.'),
      started: z.iso.datetime({ offset: true }).describe('When the work began: 2026-11-05T14:30:00Z.'),
      comment: richText.optional(),
      visibility,
    }),
    output: Worklog,
    request: ({ issueIdOrKey: issue, started, comment, ...work }, { settings }: Context) =>
      post(`${issueAt(issue)}/worklog`, {
        ...work,
        started: timeOf(started),
        ...(comment !== undefined && { comment: writtenText(comment, settings.apiVersion) }),
      }),
    preview: ({ issueIdOrKey: issue, timeSpentSeconds, started }) =>
      `Log ${Math.round(timeSpentSeconds / 60)} minutes on the issue ${issue}, from ${started}.`,
    undo: ({ input, output }) => ({
      tool: 'delete_worklog',
      input: { issueIdOrKey: input.issueIdOrKey, id: output.id },
    }),
    reconcile: 'Find it with list_worklogs before you log it again.',
  }),
  delete_worklog: tool({
    description: 'Delete logged work. Jira adds it to the remaining estimate.',
    ...destroys,
    input: z.object({ issueIdOrKey, id: z.string().min(1).describe('Id of the worklog: list_worklogs returns it.') }),
    output: Done,
    request: ({ issueIdOrKey: issue, id }) => del(path`issue/${issue}/worklog/${id}`),
    preview: ({ issueIdOrKey: issue, id }) => `Delete the worklog ${id} of the issue ${issue}.`,
    reconcile: 'Call it again: an error with status 404 means that it was deleted.',
  }),
}
