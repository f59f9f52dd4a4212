import { del, get, patch, path, post, tool } from '@mcpclient/core/define'
import { odataPages } from '@mcpclient/microsoft'
import * as z from 'zod'
import { listId, reads, taskId, to, writes } from '../inputs.ts'
import { stepsOf } from '../requests.ts'
import { Deleted, Step } from '../shapes.ts'

const stepId = z.string().min(1).describe('Id of the step: get_task and list_checklist_items return it.')
const displayName = z.string().min(1).describe('The title of the step.')
const isChecked = z.boolean().optional()

/** The steps of a task, which Graph calls checklist items. */
export const steps = {
  list_checklist_items: tool({
    description: 'List the steps of a task.',
    ...reads,
    input: z.object({ listId, taskId }),
    output: z.object({ value: z.array(Step) }),
    request: (task) => get(stepsOf(task)),
    pages: odataPages(),
  }),
  create_checklist_item: tool({
    description: 'Add a step to a task.',
    ...writes,
    input: z.object({ listId: to, taskId, displayName, isChecked }),
    output: Step,
    request: ({ listId: list, taskId: task, ...step }) => post(stepsOf({ listId: list, taskId: task }), step),
    preview: ({ displayName: name, taskId: task }) => `Add the step "${name}" to the task ${task}.`,
    undo: ({ input: { listId: list, taskId: task }, output }) => ({
      tool: 'delete_checklist_item',
      input: { listId: list, taskId: task, checklistItemId: output.id },
    }),
    reconcile: 'Find it with list_checklist_items before you add it again.',
  }),
  update_checklist_item: tool({
    description: 'Rename a step, check it or uncheck it.',
    ...writes,
    input: z
      .object({ listId: to, taskId, checklistItemId: stepId, displayName: displayName.optional(), isChecked })
      .refine((input) => input.displayName !== undefined || input.isChecked !== undefined, {
        message: 'Pass displayName or isChecked.',
      }),
    output: Step,
    request: ({ listId: list, taskId: task, checklistItemId: id, ...changes }) =>
      patch(`${stepsOf({ listId: list, taskId: task })}/${path`${id}`}`, changes),
    preview: ({ listId: _list, taskId: task, checklistItemId: id, ...changes }) =>
      `Change ${Object.keys(changes).join(' and ')} of the step ${id} of the task ${task}.`,
    undo: 'impossible',
    reconcile: 'Read the steps with list_checklist_items.',
  }),
  delete_checklist_item: tool({
    description: 'Delete a step of a task.',
    effect: 'destroy',
    scopes: writes.scopes,
    input: z.object({ listId, taskId, checklistItemId: stepId }),
    output: Deleted,
    request: ({ checklistItemId: id, ...task }) => del(`${stepsOf(task)}/${path`${id}`}`),
    preview: ({ checklistItemId: id, taskId: task }) => `Delete the step ${id} of the task ${task}.`,
    reconcile: 'Call it again: an error with status 404 means that it was deleted.',
  }),
}
