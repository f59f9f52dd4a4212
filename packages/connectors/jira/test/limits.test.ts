import { createMcpClient } from '@mcpclient/core'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { jira, jiraApiToken } from '../src/index.ts'

const comment = { id: '1' }
const issue = { id: '10002', key: 'MRSH-1', fields: {} }

function start(connector: 'jira' | 'own') {
  const clock = createFakeClock()
  const transport = scriptedTransport(({ method }) => ({ json: method === 'GET' ? issue : comment }))
  const connectors = {
    jira: jira({ token: 'eyJ0.ada', cloudId: '11223344-a1b2' }),
    own: jiraApiToken({ site: 'marshes', email: 'ada@marshes.example', apiToken: 't' }),
  }
  const mcp = createMcpClient({ connectors, clock, transport, limits: { whenLimited: 'refuse' } })
  const call = (tool: string, input: object) => mcp.client(connector, 'ada').invoke(tool, input)
  return { call, clock, transport }
}

it.each(['jira', 'own'] as const)('reads 100 issues at once with %s, although each costs two points', async (which) => {
  const { call } = start(which)
  const read = () => call('get_issue_details', { issueIdOrKey: 'MRSH-1' })
  for (let n = 0; n < 100; n++) await read()
  expect((await errorOf(read())).details.retryAfterMs).toBe(10)
})

it.each(['jira', 'own'] as const)(
  'writes 20 times at once to one issue with %s, and not less to others',
  async (which) => {
    const { call, clock, transport } = start(which)
    const write = (issueIdOrKey: string) => call('add_comment', { issueIdOrKey, body: 'Hi' })
    for (let n = 0; n < 20; n++) await write('MRSH-1')
    expect((await errorOf(write('MRSH-1'))).details.retryAfterMs).toBe(300)
    await write('MRSH-2')
    await clock.advance(300)
    await write('MRSH-1')
    expect(transport.requests).toHaveLength(22)
  },
)
