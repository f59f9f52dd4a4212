import { connectorContract } from '@mcpclient/testing/contract'
import { salesforce } from '../src/index.ts'

connectorContract(salesforce, import.meta, {
  options: { instanceUrl: 'https://heron.my.salesforce.com' },
  // A token without one that renews it: there is no app here to renew it with.
  credential: (tenant) => ({ token: `00D50000000IZ3Z!${tenant}_heron.session.4417` }),
})
