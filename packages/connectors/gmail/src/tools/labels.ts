import { get, post, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { costs } from '../costs.ts'
import { scopes } from '../scopes.ts'
import { Label } from '../shapes.ts'

const color = z.string().regex(/^#[0-9a-f]{6}$/, 'It is a color of Gmail, such as #16a765.')

/** Labels. */
export const labels = {
  list_labels: tool({
    description: 'List the labels of the mailbox with their ids and names.',
    effect: 'read',
    scopes: [scopes.labels],
    input: z.object({}),
    output: z.object({ labels: z.array(Label).default([]) }),
    request: () => get('users/me/labels', undefined, costs.listLabels),
  }),
  create_label: tool({
    description: 'Create a label. A slash in the name nests it: Birds/Herons.',
    effect: 'write',
    scopes: [scopes.labels],
    input: z.object({
      name: z.string().min(1),
      labelListVisibility: z.enum(['labelShow', 'labelShowIfUnread', 'labelHide']).optional(),
      messageListVisibility: z.enum(['show', 'hide']).optional(),
      color: z.object({ textColor: color, backgroundColor: color }).optional(),
    }),
    output: Label,
    request: (input) => post('users/me/labels', input, costs.createLabel),
    preview: ({ name }) => `Create the label "${name}".`,
    undo: 'impossible',
    reconcile: 'List the labels with list_labels: a name exists once.',
  }),
}
