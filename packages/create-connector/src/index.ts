/**
 * `@mcpclient/create-connector`: creates a connector package, for `npm create @mcpclient/connector`.
 */
export { createConnector } from './create-connector.ts'
export type { CreateConnectorOptions, CreatedConnector } from './create-connector.ts'
