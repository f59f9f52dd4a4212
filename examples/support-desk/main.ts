import { ConnectorError, memoryStore } from '@mcpclient/core'
import { Report } from '@mcpclient/example-report'
import { compose, openTicket } from './desk.ts'
import { startServices } from './services.ts'

async function run(report: Report): Promise<void> {
  report.title('A support desk', 'Salesforce, Jira, Asana and a to-do list behind one client')
  const services = startServices()
  const store = memoryStore()
  const desk = compose(services.credentials, { store, transport: services.transport })
  const ada = desk.as('marsh')
  const reed = { lastName: "O'Reed", email: 'reed@example.com' }

  report.chapter('A ticket')
  const first = await openTicket(ada, {
    id: '1',
    from: reed,
    subject: 'The heron counter is stuck',
    text: 'It has shown 12 since Monday.',
    due: '2026-12-02',
  })
  report.note(JSON.stringify(first))
  report.claim(
    'the contact, the issue and the task exist',
    services.contacts.length === 1 && services.issues.length === 1 && services.tasks.length === 1,
  )
  const { tasks: todos } = await ada.todo.call('list_tasks', { status: 'open' })
  report.claim(`the desk has a to-do: ${todos[0]?.title ?? ''}`, todos.length === 1 && todos[0]?.due === '2026-12-02')

  report.chapter('Asana fails after it may have created the task')
  services.failAsana()
  const second = await openTicket(ada, {
    id: '2',
    from: reed,
    subject: 'It counts geese',
    text: 'All of them.',
    due: '2026-12-03',
  })
  report.claim('the contact is known, so it is not created again', services.contacts.length === 1)
  report.claim(
    'the task was sent once, and the desk was not told that it exists',
    second.reply === undefined && services.tasks.length === 2,
  )
  const { tasks: checks } = await ada.todo.call('list_tasks', { search: 'Check whether' })
  report.claim(`a to-do says so: ${checks[0]?.title ?? ''}`, checks.length === 1)

  report.chapter('Jira is overloaded')
  services.overloadJira()
  const lost = await openTicket(ada, {
    id: '3',
    from: reed,
    subject: 'Too many geese',
    text: '!',
    due: '2026-12-04',
  }).catch((error: unknown) => error)
  report.claim(
    'an issue whose outcome is unknown is not created twice, and the error says what to do',
    ConnectorError.is(lost) && lost.details.outcome === 'unknown' && services.issues.length === 2,
  )
  report.note(ConnectorError.is(lost) ? lost.advice : '')

  report.chapter('An AI agent at the same desk')
  const agent = desk.as({ tenant: 'marsh', agent: 'assistant' })
  const denied = await agent.jira.call('delete_issue', { issueIdOrKey: first.issue }).catch((error: unknown) => error)
  report.claim(
    'it may not delete an issue, and nothing was sent',
    ConnectorError.is(denied) && denied.code === 'PERMISSION_DENIED',
  )
  const { tools } = await desk.listTools({ tenant: 'marsh' })
  const allowed = tools.filter(({ effect }) => effect !== 'destroy')
  report.claim(
    `it can use ${allowed.length} of ${tools.length} tools`,
    allowed.length > 50 && allowed.length < tools.length,
  )
  const done = await agent.todo.call('complete_task', { id: 'ticket-1' })
  report.claim('it completes the to-do of the first ticket', done.status === 'done')
  const other = await desk.as('another tenant').todo.call('list_tasks', {})
  report.claim('another tenant has no to-dos', other.tasks.length === 0)
  await desk.close()
}

const report = new Report()
try {
  await run(report)
  report.end()
} catch (error) {
  report.failed(error)
  process.exitCode = 1
}
