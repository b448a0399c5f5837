/** What the pictures are taken of: the desk of the Storybook, over a world whose clock the photographer turns. */
import '@fontsource-variable/inter'
import '../../src/styles.css'
import '../../.storybook/preview.css'
import { createRoot } from 'react-dom/client'
import { DeskOf } from '../../stories/support/desk.tsx'
import { type Fault, createWorld } from '../../stories/support/world.ts'

const world = createWorld()
void world.uplink.connect()
world.pass(70_000)

let shownMs = 0

/** What the photographer does to the page. */
const hands = {
  /** Lets time pass, for what moves on the page as well: every animation stands where it would by now. */
  pass(ms: number): void {
    world.pass(ms)
    shownMs += ms
    for (const animation of document.getAnimations()) {
      animation.pause()
      animation.currentTime = animation instanceof CSSTransition ? 1e6 : shownMs
    }
  },
  break: (fault: Fault): void => world.break(fault),
  heal: (): void => world.heal(),
  order: (): void => { void world.uplink.sendWithAck({ type: 'order', data: { symbol: 'AAPL', quantity: 1 } }) },
}

Object.assign(window, { hands })

const page = document.querySelector('main') as HTMLElement
page.dataset['theme'] = new URLSearchParams(location.search).get('theme') ?? 'light'
createRoot(page).render(<DeskOf world={world} />)
