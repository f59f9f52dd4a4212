import { connectorContract } from '@mcpclient/testing/contract'
import { mailchimp } from '../src/index.ts'

connectorContract(mailchimp, import.meta, {
  options: { dataCenter: 'us6' },
  // A token without the sign-in that finds its data center.
  credential: (tenant) => ({ token: `${tenant}_heron-token.4417` }),
})
