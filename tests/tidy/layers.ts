/** Rules about who may import whom: layers, packages, circles, own index. */
import { type Import, type Source, at } from './source.ts'

interface Layer {
  /** Layers whose values and types it may import, besides its own. */
  readonly layers: readonly string[]
  /** Layers of which it may import types, but no values. */
  readonly types?: readonly string[]
  /** Packages it may import; `name/*` is any subpath. */
  readonly packages?: readonly string[]
}

/** One row a layer; imports run one way. A new folder of `src` needs a row here, and a line in DESIGN's words why. */
export const LAYERS: Readonly<Record<string, Layer>> = {
  'src/protocol': { layers: [] },
  'src/core': { layers: ['src/protocol'] },
  'src/engine': { layers: ['src/core', 'src/protocol'] },
  'src/store': { layers: ['src/engine', 'src/core', 'src/protocol'], packages: ['zustand/*'] },
  'src/hooks': { layers: ['src/store', 'src/engine', 'src/core', 'src/protocol'], packages: ['react', 'zustand', 'zustand/*'] },
  'src/components': {
    layers: ['src/components/primitives', 'src/hooks'],
    types: ['src/store', 'src/engine', 'src/core', 'src/protocol'],
    packages: ['react', 'lucide-react'],
  },
  // One file a primitive, so that whoever takes the sources exchanges that file and nothing else.
  'src/components/primitives': { layers: [], packages: ['react', '@radix-ui/*'] },
  'src/transports': { layers: ['src/engine', 'src/core', 'src/protocol'], packages: ['ws', 'socket.io-client', 'node:*'] },
  'src/pool': { layers: ['src/engine', 'src/core', 'src/protocol'] },
  'src/storage': { layers: ['src/engine', 'src/core', 'src/protocol'], packages: ['idb'] },
  'src/fallback': { layers: ['src/engine', 'src/core', 'src/protocol'] },
  // The monitor is built on what everybody may use; what it makes of frames is pure, and faults know no React.
  'src/devtools': {
    layers: ['src/devtools/model', 'src/devtools/faults', 'src/hooks', 'src/store', 'src/engine', 'src/core', 'src/protocol'],
    packages: ['react', 'react-dom', 'zustand', 'zustand/*', 'lucide-react', '@tanstack/react-virtual'],
  },
  'src/devtools/model': { layers: ['src/engine', 'src/core', 'src/protocol'] },
  'src/devtools/faults': { layers: ['src/engine', 'src/core', 'src/protocol'], packages: ['zustand/*'] },
  'src/server': { layers: ['src/core', 'src/protocol'] },
  'src/server/access': { layers: ['src/server', 'src/core', 'src/protocol'] },
  'src/server/auth': { layers: ['src/server', 'src/core', 'src/protocol'], packages: ['jose', 'node:*'] },
  'src/server/brokers': { layers: ['src/server', 'src/core', 'src/protocol'], packages: ['node:*'] },
  'src/server/doors': { layers: ['src/server', 'src/core', 'src/protocol'], packages: ['ws', 'socket.io', 'node:*'] },
  'src/server/runtime': { layers: ['src/server', 'src/server/access', 'src/server/brokers', 'src/server/doors', 'src/core', 'src/protocol'], packages: ['node:*'] },
  'src/server/index.ts': { layers: ['src/server', 'src/server/access', 'src/server/auth', 'src/server/brokers', 'src/server/broadcast', 'src/server/doors', 'src/server/runtime'] },
  'src/server/broadcast': { layers: ['src/server/access', 'src/server/runtime', 'src/server', 'src/core', 'src/protocol'] },
  'src/server/metrics': { layers: ['src/server/runtime', 'src/core', 'src/protocol'] },
  'src/server/prometheus.ts': { layers: ['src/server/metrics'] },
  'src/server/cli.ts': {
    layers: ['src/server', 'src/server/access', 'src/server/auth', 'src/server/brokers', 'src/server/doors', 'src/server/runtime', 'src/core'],
    packages: ['node:*', 'redis'],
  },
  'src/server/jwt.ts': { layers: ['src/server/auth'] },
  'src/server/redis.ts': { layers: ['src/server/brokers'] },
  'src/server/socket-io.ts': { layers: ['src/server/doors'] },
  // Reporting listens to a connection from outside; only those who import it carry it.
  'src/reporting': { layers: ['src/engine', 'src/core', 'src/protocol'] },
  'src/protocols': { layers: ['src/engine', 'src/core', 'src/protocol'] },
  'src/market': { layers: ['src/market/book', 'src/market/service', 'src/market/binance', 'src/core'] },
  'src/market/book': { layers: [] },
  'src/market/service': { layers: ['src/market', 'src/market/book', 'src/engine', 'src/core', 'src/protocol'], types: ['src/store'], packages: ['zustand/*'] },
  'src/market/rest': { layers: ['src/market', 'src/market/book', 'src/market/service', 'src/engine', 'src/core'], packages: ['valibot'] },
  'src/market/react': { layers: ['src/market', 'src/market/service', 'src/hooks', 'src/core'], types: ['src/store'], packages: ['react'] },
  'src/market/binance': { layers: ['src/market', 'src/engine', 'src/core', 'src/protocol'] },
  'src/testing/node': { layers: ['src/testing', 'src/engine', 'src/core', 'src/protocol'], packages: ['ws', 'node:*'] },
  'src/testing/react': {
    layers: ['src/testing', 'src/protocols', 'src/hooks', 'src/store', 'src/engine', 'src/protocol'], packages: ['react', '@testing-library/react'],
  },
  'src/testing/msw': { layers: ['src/testing', 'src/server', 'src/engine', 'src/protocol'], packages: ['msw'] },
  'src/testing/server': { layers: ['src/testing', 'src/server', 'src/engine', 'src/protocol'], packages: ['ws', 'node:*'] },
  'src/testing': { layers: ['src/storage', 'src/server', 'src/engine', 'src/core', 'src/protocol'] },
  'src/index.ts': { layers: ['src/components', 'src/hooks', 'src/store', 'src/engine', 'src/core', 'src/protocol'] },
}

/** The row of a file: the longest that it lies under. */
function rowOf(path: string): string | undefined {
  return Object.keys(LAYERS).filter((row) => path === row || path.startsWith(`${row}/`)).toSorted((a, b) => b.length - a.length)[0]
}

const matches = (specifier: string, pattern: string): boolean =>
  pattern.endsWith('*') ? specifier.startsWith(pattern.slice(0, -1)) : specifier === pattern

function badImport(from: string, { specifier, target, typeOnly }: Import): string | null {
  const { layers, types = [], packages = [] } = LAYERS[from] as Layer
  if (target === null) {
    if (packages.some((pattern) => matches(specifier, pattern))) return null
    return `${from} imports the package ${specifier}; it may import ${packages.join(', ') || 'none'}: take it as an argument, or move the code up`
  }
  const to = rowOf(target)
  if (to === undefined) return `${specifier} leads out of the layers: move what is shared into one of them`
  if (to === from || layers.includes(to) || (typeOnly && types.includes(to))) return null
  const may = [...layers, ...types.map((type) => `${type} (types)`)].join(', ') || 'nothing'
  return `${from} imports ${to}; it may import ${may}: move the code to the layer it belongs to, or pass the value down`
}

export function layering(source: Source): string[] {
  const from = rowOf(source.path)
  if (from === undefined) return [at(source, 0, 'lies in no layer: give its folder a row in tests/tidy/layers.ts')]
  return source.imports.flatMap((one) => {
    const sentence = badImport(from, one)
    return sentence === null ? [] : [at(source, one.start, sentence)]
  })
}

/** An index is a door for others; from inside, a module is imported by its own name. */
export function ownIndex(source: Source): string[] {
  return source.imports
    .filter(({ target }) => target !== null && /(^|\/)index\.tsx?$/.test(target))
    .map(({ specifier, start }) => at(source, start, `imports the index ${specifier}: import the module that declares the name`))
}

/** Circles of values are found once each, where they were entered. */
export function cycles(sources: readonly Source[]): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const done = new Set<string>()
  const found: string[] = []
  const visit = (source: Source, trail: readonly string[]): void => {
    if (done.has(source.path)) return
    for (const { target, typeOnly, start } of source.imports) {
      const next = target === null || typeOnly ? undefined : byPath.get(target)
      if (next === undefined) continue
      const inside = [...trail, source.path]
      const since = inside.indexOf(next.path)
      if (since < 0) visit(next, inside)
      else found.push(at(source, start, `closes the circle ${[...inside.slice(since), next.path].join(' -> ')}: move what both need into a third file`))
    }
    done.add(source.path)
  }
  for (const source of sources) visit(source, [])
  return found
}
