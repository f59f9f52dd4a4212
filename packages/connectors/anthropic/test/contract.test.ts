import { connectorContract } from '@mcpclient/testing/contract'
import { anthropic } from '../src/index.ts'

connectorContract(anthropic, import.meta)
