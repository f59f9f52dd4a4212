import { connectorContract } from '@mcpclient/testing'
import { googleSearch } from '../../src/index.ts'

connectorContract(googleSearch, import.meta, { options: { engineId: 'e0f7heron' } })
