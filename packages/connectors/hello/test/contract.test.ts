import { connectorContract } from '@mcpclient/testing/contract'
import { hello } from '../src/index.ts'

connectorContract(hello, import.meta)
