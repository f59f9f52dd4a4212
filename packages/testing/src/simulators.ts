/** `@mcpclient/testing/simulators`: small, faithful models of providers, for tests of sync. */
export { simulatedProvider } from './simulators/simulated-provider.ts'
export type {
  SimulatedPage,
  SimulatedProvider,
  SimulatedProviderOptions,
  SimulatedRecord,
} from './simulators/simulated-provider.ts'
