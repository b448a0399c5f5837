/** The props of a component, from docs/components.md: a test holds that page to the sources. */
import { Controls } from '@storybook/addon-docs/blocks'
import type { ReactNode } from 'react'
import documentation from '../docs/components.md?raw'

/** The rows of the first table below a heading, cell by cell. */
function rowsOf(name: string): string[][] {
  const [, after = ''] = documentation.split(`\n## ${name}\n`)
  const section = after.split('\n## ')[0] ?? ''
  const lines = section.split('\n').filter((line) => line.startsWith('| `'))
  return lines.map((line) => line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll(String.raw`\|`, '|')))
}

/** `code` and text, as Markdown has it. */
function Inline({ text }: { readonly text: string }): ReactNode {
  return text.split('`').map((part, index) => (index % 2 === 1 ? <code key={`${index} ${part}`}>{part}</code> : part))
}

/** Props with type, default and meaning; all others go to the element. */
export function PropsTable({ name }: { readonly name: string }): ReactNode {
  const rows = rowsOf(name)
  if (rows.length === 0) return <Controls />
  return (
    <div className="props sb-unstyled">
      <h2 id="props">Props</h2>
      <table>
        <thead><tr><th>Prop</th><th>Type</th><th>Default</th><th>Meaning</th></tr></thead>
        <tbody>{rows.map((cells) => <tr key={cells[0]}>{cells.map((cell, index) => <td key={`${index} ${cell}`}><Inline text={cell} /></td>)}</tr>)}</tbody>
      </table>
      <p>All other props, and the ref, go to the element.</p>
    </div>
  )
}
