import { createMcpClient } from '@mcpclient/core'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { jiraApiToken } from '../src/index.ts'
import { jqlOf, quoted } from '../src/jql.ts'

it('sends the filters as one query', () => {
  expect(jqlOf({ project: 'MRSH', labels: ['a', 'b'], reporter: 'EMPTY' }, 'created DESC')).toBe(
    'project = "MRSH" AND reporter is EMPTY AND labels in ("a", "b") ORDER BY created DESC',
  )
  expect(jqlOf({ assignee: 'currentUser()' })).toBe('assignee = currentUser()')
})

/** Reads string literals as Jira does, and returns the rest of the query beside them. */
function literalsOf(query: string): { readonly literals: readonly string[]; readonly rest: string } {
  const literals: string[] = []
  const rest = query.replaceAll(/"((?:[^"\\]|\\.)*)"/gs, (_all, inner: string) => {
    literals.push(
      inner.replaceAll(/\\(?:u([0-9a-f]{4})|(.))/g, (_escape, code: string | undefined, plain: string) =>
        code === undefined ? plain : String.fromCharCode(Number.parseInt(code, 16)),
      ),
    )
    return '?'
  })
  return { literals, rest }
}

it.each([
  'MRSH',
  '" OR project = "SECRET',
  String.raw`\" OR project = SECRET OR summary ~ \"`,
  String.raw`\\" OR 1 = 1`,
  'a\\',
  'a\nORDER BY key',
  '\u0000\u2028"',
  "it's ) OR (",
  'currentUser() OR project = SECRET',
  'EMPTY OR project = SECRET',
  '日本語 😀',
])('keeps %j inside its literal, in every filter', (value) => {
  const query = jqlOf({
    project: value,
    issuetype: [value, value],
    status: value,
    assignee: value,
    reporter: value,
    labels: [value],
    text: value,
  })
  const { literals, rest } = literalsOf(query)
  expect(new Set(literals)).toEqual(new Set([value]))
  expect(rest).toBe(
    'project = ? AND issuetype in (?, ?) AND status = ? AND assignee = ? AND reporter = ? AND labels in (?) AND text ~ ?',
  )
  expect(quoted(value)).not.toMatch(/[\p{Cc}\u2028]/u)
})

it.each([
  ['no filter', {}],
  ['only an order', { orderBy: 'key ASC' }],
  ['a query and a filter', { jql: 'project = MRSH', status: 'Done' }],
  ['a time that is a query', { updatedSince: '-7d" OR project = "SECRET' }],
  ['a time with an offset', { updatedSince: '2026-11-05T14:30:00Z' }],
  ['an order of its own', { project: 'MRSH', orderBy: 'key ASC, project' }],
])('refuses a search with %s', async (_what, input) => {
  const transport = scriptedTransport([])
  const connector = jiraApiToken({ site: 'marshes', email: 'ada@marshes.example', apiToken: 'ATATT3x-heron' })
  const mcp = createMcpClient({ connectors: { jira: connector }, transport })
  const error = await errorOf(mcp.client('jira', 'ada').invoke('search_issues', input))
  expect(error.code).toBe('INVALID_INPUT')
})
