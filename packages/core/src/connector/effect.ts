/**
 * What a call does to the provider's data. Retries, approval and MCP's tool annotations all go by it.
 * `read` changes nothing; `write` creates or changes; `destroy` removes what cannot be brought back.
 */
export type Effect = 'read' | 'write' | 'destroy'
