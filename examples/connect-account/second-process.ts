import { startHost } from './host.ts'
import type { HostSettings } from './host.ts'

/** A second process of the same host. Makes the calls that its parent requests, concurrently. */
const { mcp, close } = startHost(JSON.parse(process.argv[2] ?? '') as HostSettings)
const { accounts } = mcp.as('ada')

process.on('message', (calls: number) => {
  void Promise.allSettled(Array.from({ length: calls }, () => accounts.call('whoami', {}))).then((results) => {
    process.send?.(results.filter(({ status }) => status === 'fulfilled').length)
  })
})
process.on('disconnect', () => void close().then(() => process.exit(0)))
process.send?.('ready')
