import { connectorContract } from '@mcpclient/testing/contract'
import { mailchimpTransactional } from '../../src/index.ts'

connectorContract(mailchimpTransactional, import.meta, { options: { from: 'ada@marshes.example' } })
