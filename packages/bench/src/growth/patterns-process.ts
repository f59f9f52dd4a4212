import { emptyTransport } from '../clients/empty-transport.ts'
import { governedClient } from '../clients/governed.ts'
import { measureBurst } from '../processes/burst.ts'
import type { Burst } from '../processes/burst.ts'
import { serveRequests } from '../processes/serve-requests.ts'

export interface PatternsOptions {
  readonly patterns: number
  /** Whether the policy is a function, which the client calls each time. */
  readonly isFunction: boolean
}

let call: () => Promise<unknown> = () => Promise.reject(new Error('Not opened.'))

serveRequests({
  async open({ patterns, isFunction }: PatternsOptions) {
    const allow = patternsOf(patterns)
    const policy = isFunction ? () => ({ allow }) : { allow }
    const client = governedClient({ transport: emptyTransport, permissions: { policy } })
    const service = await client.connect('tenant_1')
    call = () => service.call('ping', { id: 'id_1' })
  },
  burst: (burst: Burst) => measureBurst(call, burst),
})

/** Returns patterns of each form; only the last one matches. */
function patternsOf(count: number): readonly string[] {
  const others = Array.from({ length: count - 1 }, (_, index) => {
    const forms = [`other_${index}.*`, `other_${index}.list_items`, `*.drop_${index}`]
    return forms[index % forms.length] ?? ''
  })
  return [...others, 'service.*']
}
