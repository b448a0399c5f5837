/** Where the feed is; read at run time, so that one build serves every environment. */
export const feedUrl = (): string => process.env['FEED_URL'] ?? 'http://127.0.0.1:4001'
