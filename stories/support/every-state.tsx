/** Every state of a component on one sheet, in the order of one list: a state that is added there is in every story. */
import type { ReactNode } from 'react'
import { expect } from 'storybook/test'
import { SCENES, STATES, type SceneName, SceneProvider } from './scenes.tsx'

/** The state that a scene shows. */
export const shownIn = (scene: SceneName): string => (scene === 'unknown latency' ? 'connected' : scene)

/** A sheet of all states; `show` makes the component. */
export function EveryState({ show }: { readonly show: (scene: SceneName) => ReactNode }): ReactNode {
  return (
    <div className="story-grid">
      {STATES.map((scene) => (
        <figure key={scene} className="story-figure">
          <SceneProvider scene={SCENES[scene]}>{show(scene)}</SceneProvider>
          <figcaption>{scene}</figcaption>
        </figure>
      ))}
    </div>
  )
}

/** Checks that a sheet shows each state once, in order, and all of one size. */
export async function showsEveryState(canvas: HTMLElement, slot: string): Promise<void> {
  const shown = [...canvas.querySelectorAll(`[data-slot="${slot}"]`)]
  await expect(shown.map((element) => element.getAttribute('data-state'))).toEqual(STATES.map(shownIn))
  const sizes = shown.map((element) => element.getBoundingClientRect()).map(({ width, height }) => `${Math.round(width)} x ${Math.round(height)}`)
  await expect(new Set(sizes).size, sizes.join(', ')).toBe(1)
}

/** One scene by name, made anew when the name changes. */
export function InScene({ scene, children }: { readonly scene: SceneName; readonly children: ReactNode }): ReactNode {
  return <SceneProvider key={scene} scene={SCENES[scene]}>{children}</SceneProvider>
}
