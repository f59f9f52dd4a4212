import { connectorContract } from '@mcpclient/testing/contract'
import { facebook } from '../src/index.ts'

connectorContract(facebook, import.meta, {
  options: { pageId: '1353269864728879' },
  // A token without one that renews it: there is no app here to renew it with.
  credential: (tenant) => ({ token: `EAAJ${tenant}HeronToken4417` }),
})
