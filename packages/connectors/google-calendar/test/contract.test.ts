import { connectorContract } from '@mcpclient/testing/contract'
import { googleCalendar } from '../src/index.ts'

connectorContract(googleCalendar, import.meta, {
  // A token without one that renews it: there is no app here to renew it with.
  credential: (tenant) => ({ token: `ya29.${tenant}_heron-token.4417` }),
})
