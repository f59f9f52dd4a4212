import { connectorContract } from '@mcpclient/testing/contract'
import { linkedin } from '../src/index.ts'

connectorContract(linkedin, import.meta)
