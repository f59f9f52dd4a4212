import { ConnectorError, createMcpClient, TransportError } from '@mcpclient/core'
import { hello } from '@mcpclient/hello'
import { Report } from '@mcpclient/example-report'
import { callQuota } from './call-quota.ts'

const report = new Report()
let requests = 0
const quota = callQuota({ callsPerDay: 2 })
const mcp = createMcpClient({
  connectors: { hello: hello() },
  capabilities: [quota],
  retry: { attempts: 1 },
  // No service is needed: the quota decides before anything is sent.
  transport: {
    send: () => {
      requests++
      return Promise.reject(new TransportError('There is no service.', { sent: false, reason: 'refused' }))
    },
  },
})
const greet = (tenant: string): Promise<string> =>
  mcp
    .as(tenant)
    .hello.call('greet', { name: tenant })
    .then(
      () => 'success',
      (error: unknown) => (ConnectorError.is(error) ? error.code : String(error)),
    )

try {
  report.title('A capability in forty lines', 'a daily quota per tenant, composed by the host')
  report.chapter('Two calls a day')
  await greet('ada')
  await greet('ada')
  report.claim('the first two calls of ada are sent', requests === 2)
  report.claim('the third fails with QUOTA_EXCEEDED', (await greet('ada')) === 'QUOTA_EXCEEDED')
  report.claim('the third call is not sent', requests === 2)
  await greet('bob')
  report.claim('bob has a separate quota', requests === 3)
  report.claim(
    'quota.used() returns the calls of each tenant',
    (await quota.used('ada')) === 2 && (await quota.used('bob')) === 1,
  )
  report.end()
} catch (error) {
  report.failed(error)
  process.exitCode = 1
} finally {
  await mcp.close()
}
