import { connectorContract } from '@mcpclient/testing'
import { tavilySearch } from '../../src/index.ts'

connectorContract(tavilySearch, import.meta)
