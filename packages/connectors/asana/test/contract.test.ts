import { connectorContract } from '@mcpclient/testing/contract'
import { asana } from '../src/index.ts'

connectorContract(asana, import.meta)
