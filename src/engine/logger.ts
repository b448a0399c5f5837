/** Where the engine writes down what it does. Silent by default; nothing secret passes. */
import { redact } from './url.ts'

/** The four usual levels. `console` fits. */
export interface Logger {
  debug(message: string, details?: object): void
  info(message: string, details?: object): void
  warn(message: string, details?: object): void
  error(message: string, details?: object): void
}

/**
 * A logger that redacts what it is given, and whose failures stay its own.
 *
 * @param target where to write; nothing is written without one.
 */
export function safeLogger(target: Logger | undefined): Logger {
  const write = (level: keyof Logger) => (message: string, details?: object) => {
    if (target === undefined) return
    try {
      target[level](redact(message), details === undefined ? undefined : redactAll(details))
    } catch {
      // A logger that throws must not become a fault of the connection it describes.
    }
  }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

function redactAll(details: object): object {
  return Object.fromEntries(
    Object.entries(details).map(([key, value]) => [key, typeof value === 'string' ? redact(value) : value]),
  )
}
