import { connectorContract } from '@mcpclient/testing/contract'
import { tavilySearch } from '../../src/index.ts'

connectorContract(tavilySearch, import.meta)
