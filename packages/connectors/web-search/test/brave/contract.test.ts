import { connectorContract } from '@mcpclient/testing'
import { braveSearch } from '../../src/index.ts'

connectorContract(braveSearch, import.meta)
