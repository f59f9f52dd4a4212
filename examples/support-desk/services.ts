import { fetchTransport } from '@mcpclient/core'
import type { Transport } from '@mcpclient/core'
import type { Credentials } from './desk.ts'

type Fields = Readonly<Record<string, unknown>>

export interface Services {
  readonly credentials: Credentials
  readonly transport: Transport
  readonly contacts: readonly Fields[]
  readonly issues: readonly Fields[]
  readonly tasks: readonly Fields[]
  /** Makes Jira refuse the next request for a second. */
  overloadJira(): void
  /** Makes Asana fail after it has created the next task. */
  failAsana(): void
}

/** Starts Salesforce, Jira and Asana inside this process, as far as a support desk uses them. */
export function startServices(): Services {
  const credentials = { salesforceToken: '00D!salesforce-token', jiraToken: 'jira-token', asanaToken: '2/asana-token' }
  const tokens: Readonly<Record<string, string>> = {
    'marsh.my.salesforce.com': `Bearer ${credentials.salesforceToken}`,
    'marsh.atlassian.net': `Basic ${btoa(`desk@marsh.example:${credentials.jiraToken}`)}`,
    'app.asana.com': `Bearer ${credentials.asanaToken}`,
  }
  const contacts: Fields[] = []
  const issues: Fields[] = []
  const tasks: Fields[] = []
  let isJiraBusy = false
  let isAsanaFailing = false

  const salesforce = async (request: Request): Promise<Response> => {
    if (request.method === 'GET') {
      const [, email] = /Email = '([^']*)'/.exec(new URL(request.url).searchParams.get('q') ?? '') ?? []
      const records = contacts.filter(({ Email }) => Email === email)
      return Response.json({ totalSize: records.length, done: true, records })
    }
    const contact = { Id: `003${String(contacts.length).padStart(15, '0')}`, ...((await request.json()) as Fields) }
    contacts.push(contact)
    return Response.json({ id: contact.Id, success: true, errors: [] }, { status: 201 })
  }
  const jira = async (request: Request): Promise<Response> => {
    if (isJiraBusy) {
      isJiraBusy = false
      return new Response(null, { status: 503, headers: { 'retry-after': '1' } })
    }
    const { fields } = (await request.json()) as { readonly fields: Fields }
    issues.push(fields)
    return Response.json({ id: String(10_000 + issues.length), key: `SUP-${issues.length}` }, { status: 201 })
  }
  const asana = async (request: Request): Promise<Response> => {
    const { data } = (await request.json()) as { readonly data: Fields }
    tasks.push(data)
    if (isAsanaFailing) {
      isAsanaFailing = false
      return Response.json({ errors: [{ message: 'Server Error' }] }, { status: 500 })
    }
    return Response.json({ data: { gid: String(12_000 + tasks.length), name: data['name'] } }, { status: 201 })
  }
  const services: Readonly<Record<string, (request: Request) => Promise<Response>>> = {
    'marsh.my.salesforce.com': salesforce,
    'marsh.atlassian.net': jira,
    'app.asana.com': asana,
  }
  const respond = async (resource: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(resource, init)
    const { hostname } = new URL(request.url)
    if (request.headers.get('authorization') !== tokens[hostname]) return new Response(null, { status: 401 })
    return (await services[hostname]?.(request)) ?? new Response(null, { status: 404 })
  }
  return {
    credentials,
    transport: fetchTransport({ fetch: respond }),
    contacts,
    issues,
    tasks,
    overloadJira() {
      isJiraBusy = true
    },
    failAsana() {
      isAsanaFailing = true
    },
  }
}
