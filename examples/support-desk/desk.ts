import { asana } from '@mcpclient/asana'
import { ConnectorError, createMcpClient } from '@mcpclient/core'
import type { Store, Transport } from '@mcpclient/core'
import { jiraApiToken } from '@mcpclient/jira'
import { salesforce } from '@mcpclient/salesforce'
import { todo } from '@mcpclient/todo'

export interface Credentials {
  readonly salesforceToken: string
  readonly jiraToken: string
  readonly asanaToken: string
}

/** Composes the desk. An AI agent may do what a user may, except delete. */
export const compose = (
  { salesforceToken, jiraToken, asanaToken }: Credentials,
  { store, transport }: { readonly store: Store; readonly transport: Transport },
) =>
  createMcpClient({
    connectors: {
      crm: salesforce({ token: salesforceToken, instanceUrl: 'https://marsh.my.salesforce.com' }),
      jira: jiraApiToken({ site: 'marsh', email: 'desk@marsh.example', apiToken: jiraToken }),
      asana: asana({ token: asanaToken }),
      todo: todo({ store }),
    },
    transport,
    permissions: {
      policy: ({ agent }) => (agent === undefined ? {} : { effects: ['read', 'write'] }),
    },
  })

type Desk = ReturnType<typeof compose>
type Member = ReturnType<Desk['as']>

export interface Ticket {
  readonly id: string
  readonly from: { readonly lastName: string; readonly email: string }
  readonly subject: string
  readonly text: string
  /** The day on which a reply is due. */
  readonly due: string
}

/** Opens a ticket in all systems, and returns what it is called there. */
export async function openTicket(member: Member, { id, from, subject, text, due }: Ticket) {
  const contact = await contactOf(member, from)
  const { key } = await member.jira.call('create_issue', {
    project: 'SUP',
    issuetype: 'Bug',
    summary: subject,
    description: `${from.lastName} writes:\n\n${text}`,
  })
  const reply = await askForReply(member, { name: `Reply to ${from.lastName} about ${key}`, due_on: due })
  const title = reply === undefined ? `Check whether Asana has a task about ${key}` : `${key}: ${subject}`
  await member.todo.call('create_task', { id: `ticket-${id}`, title, due, priority: 'high', tags: [key] })
  return { contact, issue: key, reply }
}

/** Returns the id of the contact with an address. It is created if there is none. */
async function contactOf(member: Member, { lastName, email }: Ticket['from']): Promise<string> {
  const { records } = await member.crm.call('find_records', {
    object: 'Contact',
    fields: ['Id'],
    where: [{ field: 'Email', operator: '=', value: email }],
    limit: 1,
  })
  const found = records[0]?.['Id']
  if (typeof found === 'string') return found
  const created = await member.crm.call('create_record', {
    object: 'Contact',
    fields: { LastName: lastName, Email: email },
  })
  return created.id ?? ''
}

/** Returns the task, or undefined if Asana may have created it without saying so. It is not created again. */
async function askForReply(
  member: Member,
  task: { readonly name: string; readonly due_on: string },
): Promise<string | undefined> {
  try {
    const { gid } = await member.asana.call('create_task', { ...task, workspace: '12345', assignee: 'me' })
    return gid
  } catch (error) {
    if (ConnectorError.is(error) && error.details.outcome === 'unknown') return undefined
    throw error
  }
}
