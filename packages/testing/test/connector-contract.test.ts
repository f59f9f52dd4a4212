import { connectorContract } from '../src/connector-contract.ts'
import { fixtures, notes } from './notes-connector.ts'

connectorContract(notes, import.meta, { fixtures })
