import { connectorContract } from '@mcpclient/testing/contract'
import { twilio } from '../src/index.ts'

connectorContract(twilio, import.meta, { settings: { account: 'AC08e40a7c0ffee5ea5e0b1d5a11ce0001' } })
