import { connectorContract } from '@mcpclient/testing'
import { slack } from '../src/index.ts'

connectorContract(slack, import.meta)
