/** `uplink/server/jwt`: users by JSON Web Tokens. Needs the package `jose`. */
export { jwt } from './auth/jwt.ts'
export type { JwtAlgorithm, JwtOptions } from './auth/jwt-options.ts'
export { memoryUsedTokens } from './auth/used-tokens.ts'
export type { MemoryUsedTokensOptions, UsedTokens } from './auth/used-tokens.ts'
