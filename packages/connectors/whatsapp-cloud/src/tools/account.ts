import { del, get, path, post, tool } from '@mcpclient/core/define'
import { fieldsOf, graphPages, pageSize } from '@mcpclient/meta'
import * as z from 'zod'
import { managing } from '../requests.ts'
import { Done, language, PhoneNumber, Template, templateName } from '../shapes.ts'
import type { Context } from '../shapes.ts'

const inAccount = ({ settings }: Context, edge: string): string => `${path`${settings.businessAccountId}`}/${edge}`
const Component = z.looseObject({ type: z.string().describe('HEADER, BODY, FOOTER or BUTTONS.') })

/** The WhatsApp Business account: its templates, its phone numbers, and whether it sends events to the app. */
export const account = {
  list_templates: tool({
    description: 'List the message templates of the account, with their status and components.',
    ...managing('read'),
    input: z.object({ name: templateName.optional().describe('Only templates with this name.'), limit: pageSize }),
    output: z.object({ data: z.array(Template) }),
    request: (filter, context: Context) => get(inAccount(context, 'message_templates'), filter),
    pages: graphPages(),
  }),
  create_template: tool({
    description: 'Submit a message template. Meta reviews it before it can be sent.',
    ...managing('write'),
    input: z.object({
      name: templateName,
      category: z.enum(['AUTHENTICATION', 'MARKETING', 'UTILITY']),
      language,
      components: z.array(Component).min(1).describe('The parts of the template, as Meta documents them.'),
    }),
    output: z.object({ id: z.string(), status: z.string(), category: z.string() }),
    request: (input, context: Context) => post(inAccount(context, 'message_templates'), input),
    preview: (input) => `Submit the ${input.category} template ${input.name} (${input.language}).`,
    undo: ({ input: { name }, output: { id } }) => ({ tool: 'delete_template', input: { name, hsm_id: id } }),
    reconcile: 'Find it with list_templates by its name.',
  }),
  delete_template: tool({
    description: 'Delete a template: all of its languages, or with hsm_id one. Its name is blocked for 30 days.',
    ...managing('destroy'),
    input: z.object({
      name: templateName,
      hsm_id: z.string().regex(/^\d+$/).optional().describe('Id of the template in one language.'),
    }),
    output: Done,
    request: (query, context: Context) => del(inAccount(context, 'message_templates'), undefined, { query }),
    preview: (input) =>
      `Delete the template ${input.name}${input.hsm_id ? ` (${input.hsm_id})` : ' in every language'}.`,
    reconcile: 'Check whether list_templates still has it.',
  }),
  list_phone_numbers: tool({
    description: 'List the phone numbers of the account, with their names and quality.',
    ...managing('read'),
    input: z.object({ limit: pageSize }),
    output: z.object({ data: z.array(PhoneNumber) }),
    request: (page, context: Context) =>
      get(inAccount(context, 'phone_numbers'), { ...fieldsOf(PhoneNumber), ...page }),
    pages: graphPages(),
  }),
  get_phone_number: tool({
    description: 'Get the name, the quality and the verification of the phone number that sends.',
    ...managing('read'),
    input: z.object({}),
    output: PhoneNumber,
    request: (_input, { settings }: Context) => get(path`${settings.phoneNumberId}`, fieldsOf(PhoneNumber)),
  }),
  subscribe_app: tool({
    description: 'Have the account send its messages and statuses to the webhook of this app.',
    ...managing('write'),
    input: z.object({}),
    output: Done,
    request: (_input, context: Context) => post(inAccount(context, 'subscribed_apps')),
    preview: (_input, { settings }: Context) =>
      `Send the events of the account ${settings.businessAccountId} to the app.`,
    undo: () => ({ tool: 'unsubscribe_app', input: {} }),
    reconcile: 'Call it again.',
  }),
  unsubscribe_app: tool({
    description: 'Stop sending the messages and statuses of the account to the webhook of this app.',
    ...managing('write'),
    input: z.object({}),
    output: Done,
    request: (_input, context: Context) => del(inAccount(context, 'subscribed_apps')),
    preview: (_input, { settings }: Context) => `Stop the events of the account ${settings.businessAccountId}.`,
    undo: () => ({ tool: 'subscribe_app', input: {} }),
    reconcile: 'Call it again.',
  }),
}
