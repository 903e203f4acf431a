export { createAuthenticator } from './authenticator.ts'
export { type CreatedToken, createToken, type NewToken, readTokensFile, revokeToken } from './edit-tokens-file.ts'
export { type Scope, SCOPES, type TokenBinding, type TokenEntry } from './token-entry.ts'
export { TokenStore, type TokenStoreEvent } from './token-store.ts'
