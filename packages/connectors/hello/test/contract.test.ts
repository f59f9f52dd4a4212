import { connectorContract } from '@mcpclient/testing'
import { hello } from '../src/index.ts'

connectorContract(hello, import.meta)
