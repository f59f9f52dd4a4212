import { connectorContract } from '@mcpclient/testing/contract'
import { gmail } from '../src/index.ts'

connectorContract(gmail, import.meta, {
  // A token without one that renews it: there is no app here to renew it with.
  credential: (tenant) => ({ token: `ya29.${tenant}_heron-token.4417` }),
})
