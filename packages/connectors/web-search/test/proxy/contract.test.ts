import { connectorContract } from '@mcpclient/testing/contract'
import { proxySearch } from '../../src/index.ts'

connectorContract(proxySearch, import.meta, { options: { endpoint: 'https://search.acme.example/v1' } })
