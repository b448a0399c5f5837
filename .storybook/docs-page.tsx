/** The page of a component: what it is, a live one to break, how to use it, its props, and every state. */
import { Description, Stories, Subtitle, Title, useOf } from '@storybook/addon-docs/blocks'
import { type ReactNode, useEffect, useState } from 'react'
import { addons } from 'storybook/preview-api'
import { GUIDES, type Guide } from '../stories/support/guides.tsx'
import { Playground } from '../stories/support/playground.tsx'
import { PropsTable } from './props-table.tsx'

type Globals = Readonly<Record<string, unknown>>

/** The toolbar's choices, as they change. */
export function useToolbar(): { readonly theme: string; readonly direction: string } {
  const [globals, setGlobals] = useState<Globals>(() => Object.fromEntries(
    (new URLSearchParams(location.search).get('globals') ?? '').split(';').filter(Boolean).map((pair) => pair.split(':')) as Array<[string, string]>,
  ))
  useEffect(() => {
    // Not `setGlobals`: a story in a frame of its own says that too, and means its own.
    const channel = addons.getChannel()
    const hear = (event: { readonly globals: Globals }): void => setGlobals(event.globals)
    channel.on('globalsUpdated', hear)
    return () => channel.off('globalsUpdated', hear)
  }, [])
  return { theme: String(globals['theme'] ?? 'light'), direction: String(globals['direction'] ?? 'ltr') }
}

function List({ title, items, kind }: { readonly title: string; readonly items: readonly string[]; readonly kind: string }): ReactNode {
  return (
    <section className="guide-list" data-kind={kind}>
      <h3>{title}</h3>
      <ul>{items.map((item) => <li key={item}>{item}</li>)}</ul>
    </section>
  )
}

/** A live component in the theme of the toolbar, outside of any story. */
export function Stage({ children }: { readonly children: ReactNode }): ReactNode {
  const { theme, direction } = useToolbar()
  return <div className="story-surface sb-unstyled guide-stage" data-theme={theme} data-view="docs" dir={direction}>{children}</div>
}

function GuideOf({ guide }: { readonly guide: Guide }): ReactNode {
  return (
    <>
      <Stage><Playground>{guide.play()}</Playground></Stage>
      <div className="guide sb-unstyled">
        <List title="Do" items={guide.dos} kind="do" />
        <List title="Don’t" items={guide.donts} kind="dont" />
        <List title="For everybody" items={guide.a11y} kind="a11y" />
      </div>
    </>
  )
}

/** The template of every page made from stories. */
export function DocsPage(): ReactNode {
  const { preparedMeta } = useOf('meta', ['meta'])
  const name = preparedMeta.title.split('/').at(-1) ?? ''
  const guide = GUIDES[name]
  return (
    <>
      <Title />
      <Subtitle />
      <Description />
      {guide !== undefined && <GuideOf guide={guide} />}
      {preparedMeta.component !== undefined && <PropsTable name={name} />}
      <Stories title={guide === undefined ? 'Live' : 'Every state'} />
    </>
  )
}
