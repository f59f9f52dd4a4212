import type { CustomConnector } from '@mcpclient/core'
import { mcpClientCredentials, mcpEnterprise, mcpOAuth, mcpServer, mcpWorkloadIdentity } from '@mcpclient/mcp'
import type { HttpServerOptions, McpServerClient, McpServerTypes } from '@mcpclient/mcp'
import type { ScenarioContext } from './context.ts'

/** A document of the suite itself. */
const clientMetadataUrl = 'https://conformance-test.local/client-metadata.json'

/** Returns the connector for a scenario's server, with the authentication that the scenario needs. */
export function peerFor(
  options: HttpServerOptions,
  scenario: string,
  context: ScenarioContext,
): CustomConnector<McpServerTypes, McpServerClient> {
  const { client_id: clientId = '', client_secret: clientSecret = '', private_key_pem: privateKey = '' } = context
  switch (scenario) {
    case 'auth/pre-registration':
      return mcpServer({ ...options, auth: mcpOAuth({ clientId, clientSecret }) })
    case 'auth/basic-cimd':
      return mcpServer({ ...options, auth: mcpOAuth({ clientMetadataUrl }) })
    case 'auth/client-credentials-basic':
      return mcpServer({ ...options, auth: mcpClientCredentials(), clientId, clientSecret })
    case 'auth/client-credentials-jwt': {
      const auth = mcpClientCredentials({ clientAuthentication: 'private_key_jwt' })
      return mcpServer({ ...options, auth, clientId, privateKey })
    }
    case 'auth/wif-jwt-bearer': {
      const auth = mcpWorkloadIdentity({ assertion: () => context.valid_jwt ?? '' })
      return mcpServer({ ...options, auth, clientId })
    }
    case 'auth/enterprise-managed-authorization': {
      const { idp_client_id = '', idp_token_endpoint = '', idp_id_token: idToken = '' } = context
      const identityProvider = { tokenUrl: idp_token_endpoint, clientId: idp_client_id }
      return mcpServer({ ...options, auth: mcpEnterprise({ identityProvider, clientId, clientSecret }), idToken })
    }
    case 'auth/dpop':
    case 'auth/dpop-nonce':
      return mcpServer({ ...options, auth: mcpOAuth({ dpop: true }) })
    default:
      return mcpServer(options)
  }
}
