import { connectorContract } from '@mcpclient/testing/contract'
import { exampleService } from '../src/index.ts'

connectorContract(exampleService, import.meta)
