import { connectorContract } from '@mcpclient/testing/contract'
import { instagram } from '../src/index.ts'

connectorContract(instagram, import.meta, {
  options: { userId: '17841400000004417' },
  // A token without one that renews it: there is no app here to renew it with.
  credential: (tenant) => ({ token: `IGAA${tenant}HeronToken4417` }),
})
