import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { jira, jiraApiToken } from '../src/index.ts'

const connectors = {
  jira: jira({ clientId: 'c', clientSecret: 's' }),
  own: jiraApiToken({ site: 'marshes', email: 'ada@marshes.example', apiToken: 't', apiVersion: '2' }),
}
const ada = createMcpClient({ connectors }).as('ada')

it('types calls from the schemas', () => {
  const found = () => ada.jira.call('search_issues', { project: 'MRSH' })
  type Fields = NonNullable<Awaited<ReturnType<typeof found>>['issues'][number]['fields']>
  expectTypeOf<Fields['summary']>().toEqualTypeOf<string | undefined>()
  expectTypeOf<NonNullable<Fields['description']>['text']>().toEqualTypeOf<string>()
  expectTypeOf<Fields['customFields']>().toEqualTypeOf<Record<string, unknown> | undefined>()
  expectTypeOf(ada.own.call('delete_issue', { issueIdOrKey: 'MRSH-1' })).resolves.toEqualTypeOf<{ ok: true }>()
  expectTypeOf(ada.jira.call('download_attachment', { id: '1' })).resolves.toEqualTypeOf<{ content_base64: string }>()
})

it('rejects wrong calls', () => {
  // @ts-expect-error the summary is required
  void ada.jira.call('create_issue', { project: 'MRSH', issuetype: 'Task' })
  // @ts-expect-error a summary cannot be emptied
  void ada.jira.call('update_issue', { issueIdOrKey: 'MRSH-1', summary: null })
  void ada.jira.call('update_issue', { issueIdOrKey: 'MRSH-1', description: null, assignee: null })
  // @ts-expect-error a document has the type doc
  void ada.jira.call('add_comment', { issueIdOrKey: 'MRSH-1', body: { type: 'paragraph', version: 1, content: [] } })
  // @ts-expect-error an unknown order
  void ada.jira.call('search_issues', { project: 'MRSH', orderBy: 'rank' })
  // @ts-expect-error an unknown option
  jira({ clientID: 'c' })
  // @ts-expect-error another version of the API
  jiraApiToken({ apiVersion: '4' })
  // @ts-expect-error the token has a name of its own
  jiraApiToken({ site: 'marshes', email: 'ada@marshes.example', password: 't' })
})
