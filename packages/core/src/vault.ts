/**
 * `@mcpclient/core/vault`: connects accounts, and stores, encrypts and refreshes their credentials. A host composes it:
 * `createMcpClient({ vault: vault({ store: encrypted(store, { keys }) }) })`.
 */
export { vault } from './vault/vault.ts'
export type { Vault } from './vault/vault.ts'
export type { VaultOptions } from './vault/vault-options.ts'
export type { BoundVault, Candidate, CompletedAuthorization, VaultConnector, VaultHost } from './vault/vault-port.ts'
export type { CredentialAccess, CredentialOperation, CredentialRequest } from './vault/credential-guard.ts'
export type { RenewalTiming } from './vault/renewal/refresh-timing.ts'

export type { ListOptions } from './vault/operations/list-connections.ts'
export type { MaintainOptions, MaintainReport, SkippedConnection } from './vault/operations/maintain-connections.ts'
export type { MigrateOptions, MigrateReport, NamedConnection } from './vault/operations/migrate-connections.ts'
export type { ConnectionFailure } from './vault/operations/operations-context.ts'
export type { RevokeOptions, RevokeReport } from './vault/operations/revoke-connections.ts'
export type { VaultScope } from './vault/operations/vault-scope.ts'

export { encrypted } from './encryption/encrypted.ts'
export type { EncryptedOptions, EncryptedStore } from './encryption/encrypted.ts'
export type { KeyUse } from './encryption/data-key-row.ts'
export { localKeyring } from './encryption/local-keyring.ts'
export type { Keyring } from './encryption/local-keyring.ts'
export type { RotateKeysOptions, RotationFailure, RotationProgress, RotationReport } from './encryption/rotation.ts'
export type { RotationCounts, RotationPhase } from './encryption/rotation-checkpoint.ts'
export type { ShredReport } from './encryption/shred-tenant.ts'

export { memoryAuditLog } from './ports/memory-audit-log.ts'
export type { MemoryAuditLog } from './ports/memory-audit-log.ts'
export type { AuditActor, AuditEntry, AuditOperation, AuditSink } from './ports/audit-sink.ts'
