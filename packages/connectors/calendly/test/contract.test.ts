import { connectorContract } from '@mcpclient/testing/contract'
import { calendly } from '../src/index.ts'

connectorContract(calendly, import.meta)
