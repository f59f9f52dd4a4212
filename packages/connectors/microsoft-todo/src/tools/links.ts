import { del, get, path, post, tool } from '@mcpclient/core/define'
import { odataPages } from '@mcpclient/microsoft'
import * as z from 'zod'
import { listId, reads, taskId, to, writes } from '../inputs.ts'
import { linksOf } from '../requests.ts'
import { Deleted, Link } from '../shapes.ts'

/** The items of other apps that a task comes from, which Graph calls linked resources. */
export const links = {
  list_linked_resources: tool({
    description: 'List the items of other apps that a task links to.',
    ...reads,
    input: z.object({ listId, taskId }),
    output: z.object({ value: z.array(Link) }),
    request: (task) => get(linksOf(task)),
    pages: odataPages(),
  }),
  create_linked_resource: tool({
    description: 'Link a task to an item of your app, which users open from the task.',
    ...writes,
    input: z.object({
      listId: to,
      taskId,
      applicationName: z.string().min(1).describe('Name of your app.'),
      displayName: z.string().min(1).describe('Title of the item.'),
      webUrl: z.url({ protocol: /^https?$/ }).optional(),
      externalId: z.string().optional().describe('Id of the item in your app.'),
    }),
    output: Link,
    request: ({ listId: list, taskId: task, ...link }) => post(linksOf({ listId: list, taskId: task }), link),
    preview: ({ displayName, applicationName, taskId: task }) =>
      `Link the task ${task} to "${displayName}" of ${applicationName}.`,
    undo: ({ input: { listId: list, taskId: task }, output }) => ({
      tool: 'delete_linked_resource',
      input: { listId: list, taskId: task, linkedResourceId: output.id },
    }),
    reconcile: 'Find it with list_linked_resources before you add it again.',
  }),
  delete_linked_resource: tool({
    description: 'Remove the link of a task to an item of another app.',
    effect: 'destroy',
    scopes: writes.scopes,
    input: z.object({
      listId,
      taskId,
      linkedResourceId: z.string().min(1).describe('Id of the link: get_task and list_linked_resources return it.'),
    }),
    output: Deleted,
    request: ({ linkedResourceId: id, ...task }) => del(`${linksOf(task)}/${path`${id}`}`),
    preview: ({ linkedResourceId: id, taskId: task }) => `Remove the link ${id} of the task ${task}.`,
    reconcile: 'Call it again: an error with status 404 means that it was removed.',
  }),
}
