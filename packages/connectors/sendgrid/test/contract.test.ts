import { connectorContract } from '@mcpclient/testing/contract'
import { sendgrid } from '../src/index.ts'

connectorContract(sendgrid, import.meta, { options: { from: 'ada@marshes.example' } })
