import { connectorContract } from '@mcpclient/testing/contract'
import { openai } from '../src/index.ts'

connectorContract(openai, import.meta)
