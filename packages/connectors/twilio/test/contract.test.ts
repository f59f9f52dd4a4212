import { connectorContract } from '@mcpclient/testing/contract'
import { twilio } from '../src/index.ts'

const account = 'AC08e40a7c0ffee5ea5e0b1d5a11ce0001'

connectorContract(twilio, import.meta, {
  settings: { account },
  credential: (tenant) => ({ accountSid: account, authToken: `heron/${tenant}+auth~token.4417` }),
})
