import { connectorContract } from '@mcpclient/testing/contract'
import { braveSearch } from '../../src/index.ts'

connectorContract(braveSearch, import.meta)
