import { connectorContract } from '@mcpclient/testing/contract'
import { facebookUser } from '../../src/index.ts'

connectorContract(facebookUser, import.meta, {
  credential: (tenant) => ({ token: `EAAJ${tenant}HeronToken4417` }),
})
