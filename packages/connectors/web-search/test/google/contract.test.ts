import { connectorContract } from '@mcpclient/testing/contract'
import { googleSearch } from '../../src/index.ts'

const options = { engineId: 'e0f7heron' } satisfies Parameters<typeof googleSearch>[0]

connectorContract(googleSearch, import.meta, { options })
