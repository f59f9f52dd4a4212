/**
 * `@mcpclient/testing/contract`: contracts of connectors, stores, queues and transports, as vitest tests.
 */
export { connectorContract } from './contract/connector-contract.ts'
export type { ConnectorContractOptions } from './contract/connector-contract.ts'
export type {
  ConnectorFixture,
  FixtureResponse,
  FixtureError,
  FixtureRequest,
} from './contract/connector-checks/fixture.ts'
export type { ContractFactory, Credential } from './contract/connector-checks/subject.ts'

export { storeContract } from './contract/store-contract.ts'
export type { StoreContractOptions } from './contract/store-contract.ts'

export { jobQueueContract } from './contract/job-queue-contract.ts'
export type { JobQueueContractOptions, OpenJobQueue } from './contract/job-queue-contract.ts'

export { credentialScenarios } from './contract/credential-scenarios.ts'
export type { CredentialScenariosOptions } from './contract/credential-scenarios.ts'

export { transportContract } from './contract/transport-contract.ts'
export type { TransportContractOptions } from './contract/transport-contract.ts'
