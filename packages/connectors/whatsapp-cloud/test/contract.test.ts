import { connectorContract } from '@mcpclient/testing/contract'
import { whatsappCloud } from '../src/index.ts'

connectorContract(whatsappCloud, import.meta, {
  options: { phoneNumberId: '106853218861309', businessAccountId: '102290129340398' },
})
