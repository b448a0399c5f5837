/** The animations of a button that are not transitions of its colours. */
export const flashes = (button: Element): Animation[] => button.getAnimations().filter((animation) => !(animation instanceof CSSTransition))

/** Those at the end of its click: a look from outside may come when they are over. */
export async function flashOf(button: Element, press: () => Promise<void>): Promise<Animation[]> {
  let seen: Animation[] = []
  document.addEventListener('click', () => { seen = flashes(button) }, { once: true })
  await press()
  return seen
}
