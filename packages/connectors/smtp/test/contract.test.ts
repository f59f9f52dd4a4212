import { connectorContract } from '@mcpclient/testing/contract'
import { smtp } from '../src/index.ts'

connectorContract(smtp, import.meta, { options: { host: 'smtp.example.com', from: 'ada@marshes.example' } })
