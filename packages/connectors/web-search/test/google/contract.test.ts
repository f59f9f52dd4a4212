import { connectorContract } from '@mcpclient/testing'
import { googleSearch } from '../../src/index.ts'

const options = { engineId: 'e0f7heron' } satisfies Parameters<typeof googleSearch>[0]

// The contract takes the options of any factory; `satisfies` has checked these.
connectorContract(googleSearch, import.meta, { options: options as never })
