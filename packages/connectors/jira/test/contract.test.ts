import { connectorContract } from '@mcpclient/testing/contract'
import { jira } from '../src/index.ts'

connectorContract(jira, import.meta, {
  options: { cloudId: '11223344-a1b2-3b33-c444-def123456789' },
  // A token without one that renews it: there is no app here to renew it with.
  credential: (tenant) => ({ token: `eyJ0.${tenant}_heron-token.4417` }),
})
