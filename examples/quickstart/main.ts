import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConnectorError, createMcpClient, memoryStore } from '@mcpclient/core'
import type { Proposal } from '@mcpclient/core'
import { encrypted, vault } from '@mcpclient/core/vault'
import { hello } from '@mcpclient/hello'
import { mcpServer } from '@mcpclient/mcp'
import { mcpProcess } from '@mcpclient/mcp/stdio'
import { slack } from '@mcpclient/slack'
import { pino } from 'pino'
import { startHelloService } from './hello-service.ts'
import { filesystemServer, startEverythingServer, startSlack } from './peers.ts'
import { Report } from '@mcpclient/example-report'
import { startStrictProxy } from './strict-proxy.ts'

/** Returns the result of a call, or the error it rejects with. */
const outcomeOf = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error)
const codeOf = (outcome: unknown): string | undefined => (ConnectorError.is(outcome) ? outcome.code : undefined)
const countOf = <T>(items: readonly T[], isOne: (item: T) => boolean): number => items.filter(isOne).length

async function run(report: Report, leaveLater: (end: () => Promise<unknown>) => void): Promise<void> {
  const token = 'xoxb-quickstart-0123456789-secret'
  const folder = await mkdtemp(join(tmpdir(), 'mcpclient-'))
  leaveLater(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'plan.txt'), 'Ship the spine.\n')

  report.title('One client, four services', 'every call goes over the network to a peer on this machine')
  const [everything, slackService, helloService] = await Promise.all([
    startEverythingServer(),
    startSlack(),
    startHelloService(),
  ])
  leaveLater(() => everything.close())
  leaveLater(() => slackService.close())
  leaveLater(() => helloService.close())
  const proxy = await startStrictProxy(slackService.url, token)
  leaveLater(() => proxy.close())

  const logged: string[] = []
  const proposals: Proposal[] = []
  const credentials = memoryStore()
  const mcp = createMcpClient({
    vault: vault({
      store: encrypted(credentials, {
        keys: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64'),
      }),
    }),
    connectors: {
      hello: hello({ baseUrl: helloService.url }),
      slack: slack({ baseUrl: `${proxy.url}/api/` }),
      everything: mcpServer({ url: everything.url, effects: { echo: 'read', 'get-*': 'read' } }),
      files: mcpProcess({
        command: process.execPath,
        args: [filesystemServer, folder],
        effects: { 'read_*': 'read', 'list_*': 'read' },
      }),
    },
    logger: pino({ level: 'info', base: null, timestamp: false }, { write: (line: string) => void logged.push(line) }),
    breaker: { minimumCalls: 4, openMs: 600 },
    retry: { baseMs: 50 },
    permissions: {
      approve: (proposal) => {
        proposals.push(proposal)
        return proposal.effect === 'destroy' ? { approved: false, reason: 'deletions are not allowed' } : true
      },
    },
  })
  leaveLater(() => mcp.close())
  const ada = mcp.as({ tenant: 'ada', agent: 'assistant' })

  report.chapter('A user connects an account')
  const refused = await outcomeOf(ada.slack.connect({ token: 'xoxb-wrong' }))
  report.claim(
    'a wrong token is rejected by Slack and not stored',
    codeOf(refused) === 'MCP_AUTHENTICATION_FAILURE' && !(await ada.slack.isConnected()),
  )
  const { account } = await ada.slack.connect({ token })
  report.claim(
    `the right token is stored, for the account ${account?.name ?? account?.id ?? '(none)'}`,
    account !== undefined && (await ada.slack.isConnected()),
  )
  const stored = (await credentials.list('')).entries
  report.claim(
    'the store contains only ciphertext',
    stored.length > 0 && !stored.some(({ value }) => value.includes('xoxb')),
  )
  report.claim('another tenant has no connection', !(await mcp.as('bob').slack.isConnected()))

  report.chapter('Tools')
  const { tools, failures } = await mcp.listTools({ tenant: 'ada' })
  for (const serverId of ['hello', 'slack', 'everything', 'files']) {
    const own = tools.filter((tool) => tool.serverId === serverId)
    const reads = countOf(own, ({ effect }) => effect === 'read')
    const examples = own
      .slice(0, 4)
      .map(({ name }) => name)
      .join(', ')
    report.note(
      `${serverId.padEnd(11)}${String(own.length).padStart(3)} tools, ${String(reads).padStart(2)} read-only   ${examples}, …`,
    )
  }
  report.claim(
    'all four connectors list their tools',
    failures.length === 0 && new Set(tools.map((tool) => tool.serverId)).size === 4,
  )

  report.chapter('Typed calls')
  const greeting = await ada.hello.call('greet', { name: 'Ada' })
  report.claim(`hello.greet returned "${greeting.message}"`, greeting.message.includes('Ada'))
  const { channels, complete } = await ada.slack.call('list_channels', {})
  const channel = channels[0]?.id ?? ''
  report.claim(
    `slack.list_channels found ${channels.map(({ name }) => `#${name ?? '?'}`).join(', ')}`,
    channel !== '' && complete,
  )
  const sent = await ada.slack.call('send_message', { channel, text: 'Stand-up in five.' })
  report.claim(`slack.send_message posted ${sent.ts}`, sent.ts !== '')
  const { messages } = await ada.slack.call('get_channel_history', { channel })
  report.claim(
    'slack.get_channel_history returns the message',
    messages.some(({ ts }) => ts === sent.ts),
  )
  const plan = await ada.files.call('read_text_file', { path: join(folder, 'plan.txt') })
  report.claim('files.read_text_file read a file over stdio', JSON.stringify(plan).includes('Ship the spine'))

  report.chapter('Untyped calls')
  const success = await mcp.handle(
    {
      server_id: 'everything',
      tool_name: 'echo',
      tool_input: { message: 'over Streamable HTTP' },
      request_id: 'req-1',
    },
    'ada',
  )
  report.note(JSON.stringify(success))
  report.claim(
    'handle() takes and returns an envelope',
    success.status === 'success' && success.original_request_id === 'req-1',
  )
  const unknown = await mcp.handle({ server_id: 'slack', tool_name: 'send_mesage', tool_input: {} }, 'ada')
  report.claim(
    'handle() returns a mistake as an error with the nearest names, and does not throw',
    unknown.status === 'error' &&
      unknown.error.code === 'TOOL_NOT_SUPPORTED' &&
      JSON.stringify(unknown.error.details).includes('send_message'),
  )

  report.chapter('Slack returns 429')
  const waits: number[] = []
  const stop = mcp.on('request.retrying', ({ delayMs }) => void waits.push(delayMs))
  proxy.failNext({ status: 429, headers: { 'retry-after': '1' } })
  const before = performance.now()
  await ada.slack.call('list_channels', {})
  const tookMs = performance.now() - before
  stop()
  report.claim(
    `the call waited ${(tookMs / 1000).toFixed(1)} s for Retry-After, then succeeded`,
    waits.length === 1 && (waits[0] ?? 0) >= 1000 && tookMs >= 1000,
  )

  report.chapter('Slack is down')
  const seen: string[] = []
  mcp.on('breaker.opened', () => void seen.push('opened'))
  mcp.on('breaker.half_opened', () => void seen.push('half-opened'))
  mcp.on('breaker.closed', () => void seen.push('closed'))
  proxy.failAlways({ status: 503 })
  const arrivedFirst = proxy.arrived
  const lost = await outcomeOf(ada.slack.call('send_message', { channel, text: 'Are you there?' }))
  report.claim(
    'a write that gets a 503 is sent once, and its outcome is unknown',
    proxy.arrived === arrivedFirst + 1 && ConnectorError.is(lost) && lost.details.outcome === 'unknown',
  )
  while (!seen.includes('opened')) await outcomeOf(ada.slack.call('list_channels', {}))
  const arrived = proxy.arrived
  // A caller puts a token into a request id. The last chapter checks that the log redacts it.
  const fast = await outcomeOf(ada.slack.call('list_channels', {}, { requestId: `for ${token}` }))
  report.claim(
    'the circuit breaker opened: the next call fails immediately, and nothing is sent',
    codeOf(fast) === 'CIRCUIT_OPEN' && proxy.arrived === arrived,
  )
  report.claim(
    'the other services still work',
    (await ada.hello.call('greet', { name: 'Bob' })).message.includes('Bob'),
  )
  proxy.failAlways(undefined)
  await new Promise((resolve) => setTimeout(resolve, 700))
  await ada.slack.call('list_channels', {})
  report.claim(`the breaker ${seen.join(', ')}: one probe succeeded`, seen.join() === 'opened,half-opened,closed')

  report.chapter('A write that is not approved')
  const deleted = await outcomeOf(ada.slack.call('delete_message', { channel, ts: sent.ts }))
  const proposal = proposals.at(-1)
  report.note(`${proposal?.request.method} ${proposal?.request.path} ${JSON.stringify(proposal?.request.body)}`)
  report.claim(
    `the approver saw the unsigned request and rejected it: ${(deleted as Error).message}`,
    codeOf(deleted) === 'PERMISSION_DENIED' && !JSON.stringify(proposal).includes('xoxb'),
  )
  const after = await ada.slack.call('get_channel_history', { channel })
  report.claim(
    'the message was not deleted',
    after.messages.some(({ ts }) => ts === sent.ts),
  )

  report.chapter('Logging')
  const line = logged.find((entry) => entry.includes('CIRCUIT_OPEN')) ?? ''
  report.note(`${line.slice(0, 150)}…`)
  report.claim('the token in the request id is logged as [redacted]', line.includes('[redacted]'))
  report.claim(
    `none of the ${logged.length} log lines contains the token`,
    logged.length > 0 && !logged.some((entry) => entry.includes('xoxb')),
  )
}

const report = new Report()
const ends: (() => Promise<unknown>)[] = []
const children = () => process.getActiveResourcesInfo().filter((kind) => kind === 'ProcessWrap').length
try {
  await run(report, (end) => ends.push(end))
  for (const end of ends.toReversed()) await end()
  report.chapter('Closing')
  report.claim('all child processes have exited', children() === 0)
  report.end()
} catch (error) {
  report.failed(error)
  process.exitCode = 1
  await Promise.allSettled(ends.toReversed().map((end) => end()))
}
