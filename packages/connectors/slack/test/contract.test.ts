import { connectorContract } from '@mcpclient/testing/contract'
import { slack } from '../src/index.ts'

connectorContract(slack, import.meta, {
  // A token without one that renews it: there is no app here to renew it with.
  credential: (tenant) => ({ token: `xoxb/${tenant}+heron~token.4417` }),
})
