import { connectorContract } from '@mcpclient/testing/contract'
import { outlookCalendar } from '../src/index.ts'

connectorContract(outlookCalendar, import.meta, {
  // A token without one that renews it: there is no app here to renew it with.
  credential: (tenant) => ({ token: `eyJ0.${tenant}_heron-token.4417` }),
})
