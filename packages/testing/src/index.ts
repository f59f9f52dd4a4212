/**
 * `@mcpclient/testing`: what tests of connectors, stores and hosts stand on.
 */
export { createFakeClock } from './fake-clock.ts'
export type { FakeClock } from './fake-clock.ts'
export { errorOf } from './error-of.ts'
export { seededRandom } from './random.ts'
export { slowStore } from './slow-store.ts'

export { scriptedTransport } from './scripted-transport.ts'
export type { Answerer, ScriptedReply, ScriptedTransport } from './scripted-transport.ts'
export type { ScriptedAnswer, ScriptedEvent } from './scripted-answer.ts'
export type { Fields, RecordedRequest } from './recorded-request.ts'

export { faultTransport } from './fault-transport.ts'
export type { FaultedRequest, FaultOptions, FaultTransport } from './fault-transport.ts'
export type { Fault, FaultKind, FaultShape } from './fault.ts'

export { storeContract } from './store-contract.ts'
export type { StoreContractOptions } from './store-contract.ts'
export { storeChecks } from './store-checks.ts'
export { BrokenPromise } from './store-checks/store-check.ts'
export type { Need, StoreCheck, StoreTools } from './store-checks/store-check.ts'

export { transportContract } from './transport-contract.ts'
export type { TransportContractOptions } from './transport-contract.ts'
export { transportChecks } from './transport-checks.ts'
export type { TransportCheck } from './transport-checks/transport-check.ts'

export { credentialScenarios } from './credential-scenarios.ts'
export type { CredentialScenariosOptions } from './credential-scenarios.ts'

export { connectorContract } from './connector-contract.ts'
export type { ConnectorContractOptions } from './connector-contract.ts'
export type { ConnectorFixture, FixtureAnswer, FixtureError, FixtureRequest } from './contract/fixture.ts'
export type { ContractFactory, Credential } from './contract/subject.ts'
